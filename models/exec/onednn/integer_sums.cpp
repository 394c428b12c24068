// ConvInteger and MatMulInteger: exact sums of products of bytes. oneDNN multiplies uint8 or int8
// by int8, so weights of uint8 are moved by 128. Weights with a zero point z take a filter of ones
// more: its result s is the sum of a window, and the sum of x (w - z) is the sum of x w, minus z s.

#include <algorithm>

#include "models/exec/onednn/integer_weights.h"
#include "models/exec/onednn/lowering.h"
#include "models/ops/arguments.h"

namespace offcut::exec {

using dnnl::memory;

namespace {

constexpr int kSourceZeroPoint = DNNL_ARG_ATTR_ZERO_POINTS | DNNL_ARG_SRC;

/// Attributes of a kernel that subtracts a zero point from each element of its input.
dnnl::primitive_attr with_zero_point() {
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_zero_points(DNNL_ARG_SRC, 0, {DNNL_RUNTIME_S32_VAL});
  return attributes;
}

/// y[g][c][p] = x[g][p][c] - zeros[c] * x[g][p][C], with p moved inside if `by_place`.
struct ZeroPointStep {
  std::int64_t groups, places, channels;
  bool by_place;  // Results of one channel lie side by side.
  std::vector<std::int32_t> zeros;

  void operator()(const std::int32_t* x, std::int32_t* y) const {
    for (std::int64_t g = 0; g < groups; ++g) {
      for (std::int64_t p = 0; p < places; ++p) {
        const std::int32_t* const from = x + (g * places + p) * (channels + 1);
        const auto sum = static_cast<std::uint32_t>(from[channels]);
        for (std::int64_t c = 0; c < channels; ++c) {
          const auto zero = static_cast<std::uint32_t>(zeros[static_cast<std::size_t>(c)]);
          const auto value = static_cast<std::uint32_t>(from[c]) - zero * sum;
          const std::int64_t place =
              by_place ? (g * channels + c) * places + p : (g * places + p) * channels + c;
          y[place] = static_cast<std::int32_t>(value);
        }
      }
    }
  }
};

}  // namespace

BufferId OneDnnLowering::zero_point(const Operation& operation, std::size_t input) {
  const auto given =
      input < operation.inputs.size() && program().type(operation.inputs[input]) != TensorType{};
  const BufferId zero = schedule().add_scratch(sizeof(std::int32_t));
  Step step{.name = operation.name, .kernel = "zero point", .writes = {zero}};
  if (!given || program().is_constant(operation.inputs[input])) {
    const std::int32_t value = given ? first_byte(program().constant(operation.inputs[input])) : 0;
    step.run = [zero, value](BufferTable& buffers) {
      *reinterpret_cast<std::int32_t*>(buffers.data(zero)) = value;
    };
  } else {
    const BufferId from = plain(operation.inputs[input].id);
    const bool is_unsigned = program().type(operation.inputs[input]).type == DataType::uint8;
    step.reads = {from};
    step.run = [zero, from, is_unsigned](BufferTable& buffers) {
      const std::byte byte = *buffers.data(from);
      *reinterpret_cast<std::int32_t*>(buffers.data(zero)) =
          is_unsigned ? static_cast<std::int32_t>(static_cast<std::uint8_t>(byte))
                      : static_cast<std::int32_t>(static_cast<std::int8_t>(byte));
    };
  }
  schedule().add_step(std::move(step));
  return zero;
}

void OneDnnLowering::add_integer_sums(const Operation& operation, const IntegerWeights& own,
                                      const dnnl::primitive_desc_base& description,
                                      const dnnl::primitive& primitive, const Form& x,
                                      const memory::desc& stored) {
  const TensorId result = operation.outputs.front();
  const memory::desc y_layout = description.query_md(dnnl::query::dst_md);
  const Form zero{{{1}, memory::data_type::s32, memory::format_tag::x}, zero_point(operation, 2)};
  const Form sums{y_layout, schedule().add_scratch(y_layout.get_size())};
  add_step(
      operation.name, description, primitive,
      {.reads = {{DNNL_ARG_SRC, x}, {kSourceZeroPoint, zero}},
       .writes = {{DNNL_ARG_DST, sums}},
       .constants = {{DNNL_ARG_WEIGHTS, weights(own.values, stored,
                                                description.query_md(dnnl::query::weights_md))}}});
  const memory::dims dims = y_layout.dims();
  const bool by_place = dims.size() > 2;  // Results of a convolution.
  if (own.zeros.empty() && by_place) {
    put(result, sums);
    return;
  }
  if (own.zeros.empty()) {
    set_plain(result, sums.buffer);  // Its rows may have more axes.
    return;
  }
  const std::int64_t channels = dims[1] - 1;
  const ZeroPointStep step{by_place ? dims[0] : 1,
                           by_place ? ops::extent_between(dims, 2, dims.size()) : dims[0], channels,
                           by_place, own.zeros};
  const BufferId y = schedule().add_scratch(static_cast<std::size_t>(type(result).bytes()));
  schedule().add_step({.name = operation.name,
                       .kernel = "zero points",
                       .reads = {sums.buffer},
                       .writes = {y},
                       .run = [step, from = sums.buffer, y](BufferTable& buffers) {
                         step(reinterpret_cast<const std::int32_t*>(buffers.data(from)),
                              reinterpret_cast<std::int32_t*>(buffers.data(y)));
                       }});
  set_plain(result, y);
}

bool OneDnnLowering::lower_conv_integer(const Operation& operation) {
  const auto& inputs = operation.inputs;
  const Shape& shape = program().type(inputs[0]).shape;
  const std::int64_t groups = program().layer(operation).attributes.integer("group", 1);
  if (!sums_of_bytes_are_exact() || shape.size() < 3 || shape.size() > 5) {
    return false;
  }
  const auto own = integer_weights(program(), operation, 0);
  if (!own || (groups > 1 && !own->zeros.empty())) {
    return false;
  }
  memory::dims w = onednn_dims(own->values.shape());
  memory::dims y = onednn_dims(type(operation.outputs.front()).shape);
  y[1] = w[0];
  if (groups > 1) {
    w.front() /= groups;
    w.insert(w.begin(), groups);
  }
  const OperationCall frame(program(), operation);
  const Shape& window_shape = program().type(inputs[1]).shape;
  const Window window(ops::window_axes(frame.call(), std::span(shape).subspan(2),
                                       std::span(window_shape).subspan(2)));
  const auto channels_last = y.size() == 5 ? memory::format_tag::ndhwc : memory::format_tag::nhwc;
  const dnnl::convolution_forward::desc descriptor(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct,
      {onednn_dims(shape), onednn_type(program().type(inputs[0]).type), channels_last},
      {w, memory::data_type::s8, memory::format_tag::any},
      {y, memory::data_type::s32, channels_last}, window.strides, window.dilations,
      window.pad_begin, window.pad_end);
  const dnnl::convolution_forward::primitive_desc description(descriptor, with_zero_point(),
                                                              onednn_->engine);
  if (is_plain_loop(description)) {
    return false;
  }
  add_integer_sums(operation, *own, description, dnnl::convolution_forward(description),
                   in_layout(inputs[0].id, description.src_desc()),
                   row_major_layout(w, memory::data_type::s8));
  return true;
}

bool OneDnnLowering::lower_matmul_integer(const Operation& operation) {
  const auto& inputs = operation.inputs;
  const Shape& shape = program().type(inputs[0]).shape;
  const bool one_zero_point = inputs.size() < 3 || elements(program().type(inputs[2]).shape) == 1;
  if (!sums_of_bytes_are_exact() || shape.size() < 2 || !one_zero_point ||
      program().type(inputs[1]).shape.size() != 2) {
    return false;
  }
  const auto own = integer_weights(program(), operation, 1);
  if (!own) {
    return false;
  }
  const std::int64_t depth = own->values.shape()[0];
  const std::int64_t columns = own->values.shape()[1];
  const std::int64_t rows = elements(shape) / depth;
  const memory::desc x =
      row_major_layout({rows, depth}, onednn_type(program().type(inputs[0]).type));
  const dnnl::matmul::primitive_desc description(
      {x,
       {{depth, columns}, memory::data_type::s8, memory::format_tag::any},
       row_major_layout({rows, columns}, memory::data_type::s32)},
      with_zero_point(), onednn_->engine);
  if (is_plain_loop(description)) {
    return false;
  }
  add_integer_sums(operation, *own, description, dnnl::matmul(description),
                   {x, plain(inputs[0].id)},
                   row_major_layout({depth, columns}, memory::data_type::s8));
  return true;
}

}  // namespace offcut::exec
