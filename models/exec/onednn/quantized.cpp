// Quantised convolutions, products and sums on integers. A kernel's int32 sum becomes
// (sum + bias / (x scale * w scale)) * (x scale * w scale / y scale), then the activation, then the
// zero point, and is rounded once. Bytes lie with their channels last.

#include <algorithm>
#include <limits>

#include "models/exec/onednn/integer_weights.h"
#include "models/exec/onednn/lowering.h"
#include "models/ops/arguments.h"

namespace offcut::exec {

using dnnl::memory;

namespace {

std::vector<float> output_scales(const Quantized& group) {
  std::vector<float> scales;
  for (const float scale : group.weight_scales) {
    scales.push_back(group.inputs[0].scale * scale / group.output.scale);
  }
  return scales;
}

/// Returns the bias in units of the sums.
Tensor bias_of_sums(const Tensor& bias, const Quantized& group) {
  Tensor result(TensorType{DataType::float32, {bias.size()}});
  for (std::size_t i = 0; i < group.weight_scales.size(); ++i) {
    result.values<float>()[i] =
        bias.values<float>()[i] / (group.inputs[0].scale * group.weight_scales[i]);
  }
  return result;
}

dnnl::primitive_attr quantized_attributes(const Operation& operation, const Quantized& group) {
  constexpr int kByFilter = 1 << 1;  // A scale for each place along axis 1 of the result.
  dnnl::primitive_attr attributes;
  attributes.set_scratchpad_mode(dnnl::scratchpad_mode::user);
  attributes.set_output_scales(kByFilter, output_scales(group));
  if (group.inputs[0].zero != 0) {
    attributes.set_zero_points(DNNL_ARG_SRC, 0, {group.inputs[0].zero});
  }
  if (group.output.zero != 0) {
    attributes.set_zero_points(DNNL_ARG_DST, 0, {group.output.zero});
  }
  if (operation.activation) {
    dnnl::post_ops after;
    if (operation.activation->kind == Activation::Kind::relu) {
      after.append_eltwise(1, dnnl::algorithm::eltwise_relu, 0, 0);
    } else {
      after.append_eltwise(1, dnnl::algorithm::eltwise_clip,
                           operation.activation->low / group.output.scale,
                           operation.activation->high / group.output.scale);
    }
    attributes.set_post_ops(after);
  }
  return attributes;
}

/// Returns the layout with the same places for elements of another type.
memory::desc in_type(memory::desc layout, DataType type) {
  layout.data.data_type = static_cast<dnnl_data_type_t>(onednn_type(type));
  return layout;
}

}  // namespace

std::optional<Constant> OneDnnLowering::quantized_bias(const Operation& operation,
                                                       const memory::desc& layout) {
  constexpr std::size_t kBiasInput = 2;
  const auto& inputs = operation.inputs;
  if (inputs.size() <= kBiasInput || program().type(inputs[kBiasInput]) == TensorType{}) {
    return std::nullopt;
  }
  return weights(
      bias_of_sums(program().constant(inputs[kBiasInput]), std::get<Quantized>(operation.group)),
      layout, layout);
}

bool OneDnnLowering::lower_quantized_convolution(const Operation& operation) {
  const auto& group = std::get<Quantized>(operation.group);
  const Shape& shape = program().type(operation.inputs[0]).shape;
  if (!sums_of_bytes_are_exact(program().type(operation.inputs[0]).type, group.weights) ||
      shape.size() < 3 || shape.size() > 5) {
    return false;
  }
  if (lower_byte_lanes(operation)) {
    return true;
  }
  const TensorId result = operation.outputs.front();
  const Convolution c = convolution_of(program(), operation);
  const auto channels_last =
      c.x.dims().size() == 5 ? memory::format_tag::ndhwc : memory::format_tag::nhwc;
  const memory::desc x(c.x.dims(), onednn_type(program().type(operation.inputs[0]).type),
                       channels_last);
  const memory::desc y(c.y.dims(), onednn_type(type(result).type), channels_last);
  const memory::desc w(c.w.dims(), memory::data_type::s8, memory::format_tag::any);
  const auto bias = quantized_bias(operation, c.bias);
  const dnnl::convolution_forward::desc descriptor(
      dnnl::prop_kind::forward_inference, dnnl::algorithm::convolution_direct, x, w,
      bias ? c.bias : memory::desc(), y, c.window.strides, c.window.dilations, c.window.pad_begin,
      c.window.pad_end);
  const dnnl::convolution_forward::primitive_desc description(
      descriptor, quantized_attributes(operation, group), onednn_->engine);
  if (is_plain_loop(description)) {
    return false;
  }
  Arguments arguments{
      .reads = {{DNNL_ARG_SRC, in_layout(operation.inputs[0].id, x)}},
      .constants = {{DNNL_ARG_WEIGHTS,
                     weights(group.weights, row_major_layout(c.w.dims(), memory::data_type::s8),
                             description.weights_desc())}}};
  if (bias) {
    arguments.constants.emplace_back(DNNL_ARG_BIAS, *bias);
  }
  arguments.writes = {{DNNL_ARG_DST, make(result, y)}};
  add_step(operation.name, description, dnnl::convolution_forward(description),
           std::move(arguments));
  return true;
}

bool OneDnnLowering::lower_quantized_product(const Operation& operation) {
  const auto& group = std::get<Quantized>(operation.group);
  const TensorId result = operation.outputs.front();
  const Shape& w = group.weights.shape();
  const auto columns = static_cast<std::int64_t>(group.weight_scales.size());
  const bool transposed = program().layer(operation).op_name == "Gemm" &&
                          program().layer(operation).attributes.integer("transB", 0) != 0;
  const std::int64_t depth = w[transposed ? 1 : 0];
  const std::int64_t rows = elements(program().type(operation.inputs[0]).shape) / depth;
  if (rows == 1) {
    lower_quantized_vector(operation, depth, transposed);
    return true;
  }
  if (!sums_of_bytes_are_exact(program().type(operation.inputs[0]).type, group.weights)) {
    return false;
  }
  const memory::desc x =
      row_major_layout({rows, depth}, onednn_type(program().type(operation.inputs[0]).type));
  const memory::desc y = row_major_layout({rows, columns}, onednn_type(type(result).type));
  const memory::desc any({depth, columns}, memory::data_type::s8, memory::format_tag::any);
  const memory::desc stored({depth, columns}, memory::data_type::s8,
                            transposed ? memory::format_tag::ba : memory::format_tag::ab);
  const memory::desc row({1, columns}, memory::data_type::f32, memory::format_tag::ab);
  const auto bias = quantized_bias(operation, row);
  const dnnl::matmul::desc descriptor =
      bias ? dnnl::matmul::desc(x, any, row, y) : dnnl::matmul::desc(x, any, y);
  const dnnl::matmul::primitive_desc description(descriptor, quantized_attributes(operation, group),
                                                 onednn_->engine);
  if (is_plain_loop(description)) {
    return false;
  }
  Arguments arguments{.reads = {{DNNL_ARG_SRC, {x, plain(operation.inputs[0].id)}}},
                      .constants = {{DNNL_ARG_WEIGHTS,
                                     weights(group.weights, stored, description.weights_desc())}}};
  if (bias) {
    arguments.constants.emplace_back(DNNL_ARG_BIAS, *bias);
  }
  const BufferId to = schedule().add_scratch(y.get_size());
  set_plain(result, to);
  arguments.writes = {{DNNL_ARG_DST, {y, to}}};
  add_step(operation.name, description, dnnl::matmul(description), std::move(arguments));
  return true;
}

std::pair<BufferId, BufferId> OneDnnLowering::places_alike(TensorId from, TensorId to) {
  const Form x = natural(from);
  const auto bytes = static_cast<std::size_t>(type(from).bytes());
  if (x.layout.get_size() != bytes || x.layout == plain_layout(type(from))) {
    return Lowering::places_alike(from, to);
  }
  const Form y = make(to, in_type(x.layout, type(to).type));
  return {x.buffer, y.buffer};
}

bool OneDnnLowering::lower_quantized_sum(const Operation& operation) {
  const TensorId result = operation.outputs.front();
  const Form a = natural(operation.inputs[0].id);
  if (a.layout == plain_layout(program().type(operation.inputs[0]))) {
    return false;  // Our own kernel needs no layouts for it.
  }
  const DataType b_type = program().type(operation.inputs[1]).type;
  const Form b = in_layout(operation.inputs[1].id, in_type(a.layout, b_type));
  const Form y = make(result, in_type(a.layout, type(result).type));
  add_quantized_sum(operation, a.buffer, b.buffer, y.buffer, a.layout.get_size());
  return true;
}

}  // namespace offcut::exec
