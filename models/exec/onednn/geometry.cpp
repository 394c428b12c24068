// Translates shapes, windows and activations into oneDNN's descriptors, and tells when two
// layouts are the same in memory.

#include "models/exec/onednn/geometry.h"

#include <algorithm>
#include <functional>
#include <numeric>

namespace offcut::exec {

using dnnl::memory;

memory::dims onednn_dims(const Shape& shape) {
  return shape.size() == 3 ? memory::dims{shape[0], shape[1], 1, shape[2]}
                           : memory::dims(shape.begin(), shape.end());
}

memory::data_type onednn_type(DataType type) {
  return type == DataType::uint8   ? memory::data_type::u8
         : type == DataType::int8  ? memory::data_type::s8
         : type == DataType::int32 ? memory::data_type::s32
                                   : memory::data_type::f32;
}

memory::desc row_major_layout(const memory::dims& dims, memory::data_type type) {
  memory::dims strides(dims.size(), 1);
  for (std::size_t i = dims.size(); i-- > 1;) {
    strides[i - 1] = strides[i] * dims[i];
  }
  return {dims, type, strides};
}

memory::desc plain_layout(const Shape& shape) {
  return row_major_layout(onednn_dims(shape), memory::data_type::f32);
}

memory::desc plain_layout(const TensorType& type) {
  return row_major_layout(onednn_dims(type.shape), onednn_type(type.type));
}

memory::desc channels_last_layout(const TensorType& type) {
  const memory::dims dims = onednn_dims(type.shape);
  return {dims, onednn_type(type.type),
          dims.size() == 5 ? memory::format_tag::ndhwc : memory::format_tag::nhwc};
}

memory::desc blocked_layout(const Shape& shape, std::int64_t lanes) {
  using Tag = memory::format_tag;
  const Tag tag = shape.size() == 5 ? (lanes == 8 ? Tag::nCdhw8c : Tag::nCdhw16c)
                                    : (lanes == 8 ? Tag::nChw8c : Tag::nChw16c);
  return {onednn_dims(shape), memory::data_type::f32, tag};
}

bool same_memory(const memory::desc& a, const memory::desc& b) {
  if (a == b) {
    return true;
  }
  const memory::dims dims = a.dims();
  const auto elements =
      std::accumulate(dims.begin(), dims.end(), std::int64_t{1}, std::multiplies<>());
  const auto is_channels_in_order = [&](const memory::desc& layout) {
    const dnnl_blocking_desc_t& blocks = layout.data.format_desc.blocking;
    const bool plain = blocks.inner_nblks == 0 && (dims[1] == 1 || blocks.strides[1] == 1);
    const bool blocked = blocks.inner_nblks == 1 && blocks.inner_idxs[0] == 1 &&
                         blocks.strides[1] == blocks.inner_blks[0];
    return layout.data.format_kind == dnnl_blocked && (plain || blocked) &&
           layout.get_size() ==
               static_cast<std::size_t>(elements) * memory::data_type_size(a.data_type());
  };
  // With one image and one place, only the channels have an order.
  return dims.size() == 4 && b.dims() == dims && a.data_type() == b.data_type() &&
         dims[1] == elements && is_channels_in_order(a) && is_channels_in_order(b);
}

Window::Window(std::vector<ops::WindowAxis> axes) {
  if (axes.size() == 1) {
    axes.insert(axes.begin(), ops::WindowAxis{.in = 1, .out = 1});
  }
  for (const ops::WindowAxis& axis : axes) {
    kernel.push_back(axis.kernel);
    strides.push_back(axis.stride);
    dilations.push_back(axis.dilation - 1);
    pad_begin.push_back(axis.pad_begin);
    const std::int64_t reach = (axis.out - 1) * axis.stride + axis.extent() - axis.pad_begin;
    pad_end.push_back(std::max<std::int64_t>(0, reach - axis.in));
  }
}

OperationCall::OperationCall(const Program& program, const Operation& operation)
    : layer_(program.layer(operation)) {
  for (const Operand& input : operation.inputs) {
    types_.push_back(program.type(input));
    const bool own = input.id != kAbsent && input.is_own();
    known_.push_back(own ? program.graph().tensor(input.id).parameter.get() : nullptr);
  }
}

std::vector<Eltwise> eltwises_of(const Activation& activation) {
  using dnnl::algorithm;
  switch (activation.kind) {
    case Activation::Kind::relu:
    case Activation::Kind::leaky_relu:
      return {{algorithm::eltwise_relu, activation.slope}};
    case Activation::Kind::clip:
      return {{algorithm::eltwise_clip, activation.low, activation.high}};
    case Activation::Kind::sigmoid:
      return {{algorithm::eltwise_logistic}};
    case Activation::Kind::tanh:
      return {{algorithm::eltwise_tanh}};
    case Activation::Kind::hard_sigmoid:
      return {{algorithm::eltwise_linear, activation.slope, activation.offset},
              {algorithm::eltwise_clip, 0, 1}};
    case Activation::Kind::hard_swish:
      return {{algorithm::eltwise_hardswish}};
    case Activation::Kind::silu:
      return {{algorithm::eltwise_swish, 1}};
    case Activation::Kind::gelu:
      return {{algorithm::eltwise_gelu_erf}};
    case Activation::Kind::gelu_tanh:
      return {{algorithm::eltwise_gelu_tanh}};
  }
  return {};
}

}  // namespace offcut::exec
