// Pooling, normalisation over neighbours, and softmax. Each function declines layers that oneDNN
// computes differently from ONNX, or not at all; the reference operator computes those. A tensor
// whose layout oneDNN has only a plain loop for is laid out in blocks that its kernels take.

#include <algorithm>

#include "models/exec/onednn/lowering.h"
#include "models/ops/arguments.h"
#include "models/ops/pooling.h"

namespace offcut::exec {

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;

namespace {

constexpr auto kFloatLayers = memory::data_type::f32;
constexpr auto kAnyLayers = memory::format_tag::any;

memory::desc any_layout(const Shape& shape) {
  return {onednn_dims(shape), kFloatLayers, kAnyLayers};
}

memory::desc any_layout(const TensorType& type) {
  return {onednn_dims(type.shape), onednn_type(type.type), kAnyLayers};
}

/// Returns the tensor's own layout, or blocks of eight channels if `described` is only a plain loop
/// for its own; none if it is one for both.
template <class Describe>
std::optional<memory::desc> vectorised_layout(const memory::desc& own, const TensorType& type,
                                              Describe described) {
  if (!is_plain_loop(described(own))) {
    return own;
  }
  if (type.type == DataType::float32 && type.shape.size() > 3) {
    const memory::desc blocks = blocked_layout(type.shape, 8);
    if (!is_plain_loop(described(blocks))) {
      return blocks;
    }
  }
  return std::nullopt;
}

/// oneDNN counts everything that the last window covers as padding; ONNX only counts the padding
/// that the attributes give.
bool reaches_beyond_padding(const ops::WindowAxis& axis) {
  return (axis.out - 1) * axis.stride + axis.extent() > axis.pad_begin + axis.in + axis.pad_end;
}

}  // namespace

bool OneDnnLowering::lower_pooling(const Operation& operation) {
  const TensorId input = operation.inputs[0].id;
  const TensorId result = operation.outputs.front();
  if (type(input).shape.size() > 5) {
    return false;
  }
  const OperationCall frame(program(), operation);
  const ops::Pooling pooling = ops::pooling_of(frame.call());
  const std::vector<ops::WindowAxis> axes(pooling.axes.begin() + 1, pooling.axes.end());
  algorithm kind = algorithm::pooling_max;
  if (program().layer(operation).op_name == "AveragePool") {
    const bool with_padding =
        program().layer(operation).attributes.integer("count_include_pad", 0) != 0;
    if (with_padding && std::any_of(axes.begin(), axes.end(), reaches_beyond_padding)) {
      return false;
    }
    kind = with_padding ? algorithm::pooling_avg_include_padding
                        : algorithm::pooling_avg_exclude_padding;
  }
  const Window window(axes);
  const TensorType& own = type(operation.inputs[0].id);
  const auto described = [&](const memory::desc& layout) {
    return dnnl::pooling_v2_forward::primitive_desc(
        {prop_kind::forward_inference, kind, layout, any_layout(type(result)), window.strides,
         window.kernel, window.dilations, window.pad_begin, window.pad_end},
        attributes(operation), onednn_->engine);
  };
  const auto layout = vectorised_layout(
      own.type == DataType::float32 ? natural(input).layout : channels_last_layout(own), own,
      described);
  if (!layout) {
    return false;  // Such as with dilations; the reference operator is faster.
  }
  const auto description = described(*layout);
  const Form from = in_layout(input, *layout);
  const Form to = make(result, description.dst_desc());
  add_step(operation.name, description, dnnl::pooling_v2_forward(description),
           {.reads = {{DNNL_ARG_SRC, from}}, .writes = {{DNNL_ARG_DST, to}}});
  return true;
}

bool OneDnnLowering::lower_global_average(const Operation& operation) {
  const TensorId input = operation.inputs[0].id;
  const TensorId result = operation.outputs.front();
  if (type(input).shape.size() < 3 || type(input).shape.size() > 4) {
    return false;
  }
  const memory::dims dims = onednn_dims(type(input).shape);
  const memory::dims zero = {0, 0};
  const auto described = [&](const memory::desc& layout) {
    return dnnl::pooling_forward::primitive_desc({prop_kind::forward_inference,
                                                  algorithm::pooling_avg_exclude_padding,
                                                  layout,
                                                  any_layout(type(result).shape),
                                                  {1, 1},
                                                  {dims[2], dims[3]},
                                                  zero,
                                                  zero},
                                                 attributes(operation), onednn_->engine);
  };
  const memory::desc own = natural(input).layout;
  const memory::desc layout = vectorised_layout(own, type(input), described).value_or(own);
  const auto description = described(layout);
  const Form from = in_layout(input, layout);
  const Form to = make(result, description.dst_desc());
  add_step(operation.name, description, dnnl::pooling_forward(description),
           {.reads = {{DNNL_ARG_SRC, from}}, .writes = {{DNNL_ARG_DST, to}}});
  return true;
}

bool OneDnnLowering::lower_lrn(const Operation& operation) {
  const Attributes& a = program().layer(operation).attributes;
  const std::int64_t size = a.integer("size", 0);
  const TensorId input = operation.inputs[0].id;
  if (size % 2 == 0 || type(input).shape.size() != 4) {
    return false;  // oneDNN and ONNX put the odd neighbour on different sides.
  }
  const auto described = [&](const memory::desc& layout) {
    return dnnl::lrn_forward::primitive_desc(
        {prop_kind::forward_inference, algorithm::lrn_across_channels, layout, size,
         a.number("alpha", 1e-4F), a.number("beta", 0.75F), a.number("bias", 1)},
        attributes(operation), onednn_->engine);
  };
  const memory::desc own = natural(input).layout;
  const memory::desc layout = vectorised_layout(own, type(input), described).value_or(own);
  const auto description = described(layout);
  const Form from = in_layout(input, layout);
  const Form to = make(operation.outputs.front(), description.dst_desc());
  add_step(operation.name, description, dnnl::lrn_forward(description),
           {.reads = {{DNNL_ARG_SRC, from}}, .writes = {{DNNL_ARG_DST, to}}});
  return true;
}

bool OneDnnLowering::lower_softmax(const Operation& operation) {
  const Layer& layer = program().layer(operation);
  const TensorId input = operation.inputs[0].id;
  const std::size_t rank = type(input).shape.size();
  const bool one_axis = layer.opset >= 13;
  const std::size_t axis = ops::axis_in(layer.attributes.integer("axis", one_axis ? -1 : 1), rank);
  // Up to opset 12, all axes from `axis` on are one group.
  if (rank == 3 || (!one_axis && axis + 1 != rank)) {
    return false;
  }
  const memory::desc layout = plain_layout(type(input).shape);
  const dnnl::softmax_forward::primitive_desc description(
      {prop_kind::forward_inference, layout, static_cast<int>(axis)}, attributes(operation),
      onednn_->engine);
  if (is_plain_loop(description)) {
    return false;
  }
  const Form from = in_layout(input, layout);
  const Form to = make(operation.outputs.front(), layout);
  add_step(operation.name, description, dnnl::softmax_forward(description),
           {.reads = {{DNNL_ARG_SRC, from}}, .writes = {{DNNL_ARG_DST, to}}});
  return true;
}

}  // namespace offcut::exec
