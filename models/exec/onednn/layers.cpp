// Everything but convolutions. Each function declines what oneDNN computes otherwise than ONNX, or
// not at all; the reference operator does it then.

#include <algorithm>

#include "models/exec/onednn/lowering.h"
#include "models/ops/arguments.h"
#include "models/ops/pooling.h"

namespace offcut {

using dnnl::algorithm;
using dnnl::memory;
using dnnl::prop_kind;

namespace {

constexpr auto kFloat = memory::data_type::f32;
constexpr auto kAny = memory::format_tag::any;

memory::desc any_layout(const Shape& shape) { return {onednn_dims(shape), kFloat, kAny}; }

/// oneDNN counts all that the last window covers as padding; ONNX counts what the attributes give.
bool reaches_beyond_padding(const WindowAxis& axis) {
  return (axis.out - 1) * axis.stride + axis.extent() > axis.pad_begin + axis.in + axis.pad_end;
}

}  // namespace

bool OneDnnLowering::lower_matrix_product(const Operation& operation) {
  const auto& inputs = operation.inputs;
  const Attributes& a = program().layer(operation).attributes;
  const TensorId result = operation.outputs.front();
  const std::int64_t columns = type(result).shape[1];
  const bool has_bias = inputs.size() > 2 && program().type(inputs[2]) != TensorType{};
  const bool plain_bias = !has_bias || (program().is_constant(inputs[2]) &&
                                        elements(program().type(inputs[2]).shape) == columns);
  if (a.integer("transA", 0) != 0 || a.number("alpha", 1) != 1 || a.number("beta", 1) != 1 ||
      !program().is_constant(inputs[1]) || !plain_bias) {
    return false;
  }
  const Shape& x = program().type(inputs[0]).shape;
  const memory::dims w = {columns, x[1]};
  const memory::desc stored(
      w, kFloat, a.integer("transB", 0) != 0 ? memory::format_tag::ab : memory::format_tag::ba);
  const memory::desc bias_layout({columns}, kFloat, memory::format_tag::x);
  const dnnl::inner_product_forward::primitive_desc description({prop_kind::forward_inference,
                                                                 plain_layout(x),
                                                                 {w, kFloat, kAny},
                                                                 bias_layout,
                                                                 plain_layout(type(result).shape)},
                                                                attributes(operation),
                                                                onednn_->engine);
  const Tensor bias =
      has_bias ? program().constant(inputs[2]) : Tensor(TensorType{DataType::float32, {columns}});
  const Form from = in_layout(inputs[0].id, description.src_desc());
  const Form to = make(result, description.dst_desc());
  add_step(operation.name, description, dnnl::inner_product_forward(description),
           {.reads = {{DNNL_ARG_SRC, from}},
            .writes = {{DNNL_ARG_DST, to}},
            .constants = {{DNNL_ARG_WEIGHTS, weights(program().constant(inputs[1]), stored,
                                                     description.weights_desc())},
                          {DNNL_ARG_BIAS, weights(bias, bias_layout, bias_layout)}}});
  return true;
}

bool OneDnnLowering::lower_pooling(const Operation& operation) {
  const TensorId input = operation.inputs[0].id;
  const TensorId result = operation.outputs.front();
  if (type(input).shape.size() > 4) {
    return false;
  }
  const OperationCall frame(program(), operation);
  const Pooling pooling = pooling_of(frame.call());
  const std::vector<WindowAxis> axes(pooling.axes.begin() + 1, pooling.axes.end());
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
  const Form from = natural(input);
  const dnnl::pooling_v2_forward::primitive_desc description(
      {prop_kind::forward_inference, kind, from.layout, any_layout(type(result).shape),
       window.strides, window.kernel, window.dilations, window.pad_begin, window.pad_end},
      attributes(operation), onednn_->engine);
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
  const Form from = natural(input);
  const memory::dims dims = onednn_dims(type(input).shape);
  const memory::dims zero = {0, 0};
  const dnnl::pooling_forward::primitive_desc description({prop_kind::forward_inference,
                                                           algorithm::pooling_avg_exclude_padding,
                                                           from.layout,
                                                           any_layout(type(result).shape),
                                                           {1, 1},
                                                           {dims[2], dims[3]},
                                                           zero,
                                                           zero},
                                                          attributes(operation), onednn_->engine);
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
    return false;  // the two put the odd neighbour on different sides
  }
  const Form from = natural(input);
  const dnnl::lrn_forward::primitive_desc description(
      {prop_kind::forward_inference, algorithm::lrn_across_channels, from.layout, size,
       a.number("alpha", 1e-4F), a.number("beta", 0.75F), a.number("bias", 1)},
      attributes(operation), onednn_->engine);
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
  const std::size_t axis = axis_in(layer.attributes.integer("axis", one_axis ? -1 : 1), rank);
  // Up to opset 12 all axes from `axis` on are one group.
  if (rank == 3 || (!one_axis && axis + 1 != rank)) {
    return false;
  }
  const memory::desc layout = plain_layout(type(input).shape);
  const dnnl::softmax_forward::primitive_desc description(
      {prop_kind::forward_inference, layout, static_cast<int>(axis)}, attributes(operation),
      onednn_->engine);
  const Form from = in_layout(input, layout);
  const Form to = make(operation.outputs.front(), layout);
  add_step(operation.name, description, dnnl::softmax_forward(description),
           {.reads = {{DNNL_ARG_SRC, from}}, .writes = {{DNNL_ARG_DST, to}}});
  return true;
}

bool OneDnnLowering::lower_activation(const Operation& operation) {
  const auto activation = activation_of(program().graph(), operation.layer);
  if (!activation) {
    return false;
  }
  const TensorId input = operation.inputs[0].id;
  const Eltwise eltwise(*activation);
  const Form from = natural(input);
  const dnnl::eltwise_forward::primitive_desc description(
      {prop_kind::forward_inference, eltwise.algorithm, from.layout, eltwise.alpha, eltwise.beta},
      attributes(operation), onednn_->engine);
  Form to = from;
  if (may_overwrite(from.buffer)) {
    put(operation.outputs.front(), from);
  } else {
    to = make(operation.outputs.front(), from.layout);
  }
  add_step(operation.name, description, dnnl::eltwise_forward(description),
           {.reads = {{DNNL_ARG_SRC, from}}, .writes = {{DNNL_ARG_DST, to}}});
  return true;
}

bool OneDnnLowering::lower_sum(const Operation& operation) {
  const auto& inputs = operation.inputs;
  if (inputs.size() != 2 || program().is_constant(inputs[1]) ||
      program().type(inputs[0]) != program().type(inputs[1])) {
    return false;
  }
  const memory::desc layout = natural(inputs[0].id).layout;
  const dnnl::binary::primitive_desc description({algorithm::binary_add, layout, layout, layout},
                                                 attributes(operation), onednn_->engine);
  const Form a = natural(inputs[0].id);
  const Form b = in_layout(inputs[1].id, layout);
  const Form to = make(operation.outputs.front(), layout);
  add_step(operation.name, description, dnnl::binary(description),
           {.reads = {{DNNL_ARG_SRC_0, a}, {DNNL_ARG_SRC_1, b}}, .writes = {{DNNL_ARG_DST, to}}});
  return true;
}

bool OneDnnLowering::lower_concat(const Operation& operation) {
  const TensorId result = operation.outputs.front();
  const Shape& shape = type(result).shape;
  const std::size_t axis =
      axis_in(program().layer(operation).attributes.integer("axis", 1), shape.size());
  const bool constants =
      std::any_of(operation.inputs.begin(), operation.inputs.end(),
                  [&](const Operand& input) { return program().is_constant(input); });
  if (axis != 1 || shape.size() != 4 || constants) {
    return false;
  }
  // Blocks of channels can be put one behind the other as they are.
  constexpr std::int64_t kBlock = 16;
  const bool whole_blocks = std::all_of(
      operation.inputs.begin(), operation.inputs.end(),
      [&](const Operand& input) { return program().type(input).shape[1] % kBlock == 0; });
  const auto layout = whole_blocks ? memory::format_tag::nChw16c : memory::format_tag::nchw;
  std::vector<memory::desc> layouts;
  for (const Operand& input : operation.inputs) {
    layouts.emplace_back(onednn_dims(program().type(input).shape), kFloat, layout);
  }
  const dnnl::concat::primitive_desc description({onednn_dims(shape), kFloat, layout}, 1, layouts,
                                                 onednn_->engine, attributes(operation));
  Arguments arguments;
  for (std::size_t i = 0; i < layouts.size(); ++i) {
    arguments.reads.emplace_back(DNNL_ARG_MULTIPLE_SRC + static_cast<int>(i),
                                 in_layout(operation.inputs[i].id, layouts[i]));
  }
  arguments.writes.emplace_back(DNNL_ARG_DST, make(result, description.dst_desc()));
  add_step(operation.name, description, dnnl::concat(description), std::move(arguments));
  return true;
}

}  // namespace offcut
