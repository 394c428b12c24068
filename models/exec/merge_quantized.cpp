// Quantised networks store tensors as integers and compute in float32 between DequantizeLinear and
// QuantizeLinear. Where such a group is a convolution, a product with a matrix, or a sum, it
// becomes one operation on integers (Jacob et al., "Quantization and training of neural networks
// for efficient integer-arithmetic-only inference", CVPR 2018, section 2). Constant weights have
// been dequantised when the model was read; their integers are found again.

#include <algorithm>

#include "models/exec/passes.h"
#include "models/exec/pattern.h"
#include "models/exec/quantized_grid.h"

namespace offcut::exec {
namespace {

/// The part of a group between its integers.
struct QuantizedCore {
  std::size_t operation;
  std::optional<std::size_t> activation;  // The operation, if it is one of its own.
  std::optional<Activation> function;
};

/// Returns the core whose result is quantised. Only activations that commute with a positive scale,
/// up to their limits, can be applied before the rounding.
std::optional<QuantizedCore> core_of(const Program& program, const Operand& result) {
  const auto last = program.sole_producer(result);
  if (!last) {
    return std::nullopt;
  }
  const auto function = activation_alone(program, program[*last]);
  if (!function) {
    return QuantizedCore{*last, std::nullopt, std::nullopt};
  }
  if (function->kind != Activation::Kind::relu && function->kind != Activation::Kind::clip) {
    return std::nullopt;
  }
  const auto core = program.sole_producer(program[*last].inputs[0]);
  return core ? std::optional(QuantizedCore{*core, *last, function}) : std::nullopt;
}

bool is_merged_into(const Operation& operation) {
  return operation.residual.has_value() || operation.activation.has_value();
}

/// Returns the axis of the filters in the weights, or none if the operation is no product with
/// constant weights and bias.
std::optional<std::size_t> filter_axis(const Program& program, const Operation& operation) {
  constexpr std::size_t kBiasInput = 2;
  const bool is_linear = std::holds_alternative<Linear>(operation.group);
  const bool is_gemm = program.has_op(operation, "Gemm");
  if (!is_linear && !is_gemm && !program.has_op(operation, "Conv")) {
    return std::nullopt;
  }
  const auto& inputs = operation.inputs;
  if (!program.is_constant(inputs[1]) || !is_float(program, inputs[1])) {
    return std::nullopt;
  }
  const Attributes& a = program.layer(operation).attributes;
  if (is_gemm &&
      (a.integer("transA", 0) != 0 || a.number("alpha", 1) != 1 || a.number("beta", 1) != 1)) {
    return std::nullopt;
  }
  const std::size_t axis = is_linear || (is_gemm && a.integer("transB", 0) == 0) ? 1 : 0;
  if (inputs.size() <= kBiasInput || program.type(inputs[kBiasInput]) == TensorType{}) {
    return axis;
  }
  // Conv's bias has one axis; that of a product could also be a column.
  const Shape row = {program.type(inputs[1]).shape[axis]};
  const bool plain = program.type(inputs[kBiasInput]).shape.size() == 1;
  return plain && is_constant_row(program, inputs[kBiasInput], row) ? std::optional(axis)
                                                                    : std::nullopt;
}

bool is_sum_of_equals(const Program& program, const Operation& operation) {
  return program.has_op(operation, "Add") &&
         program.type(operation.inputs[0]) == program.type(operation.inputs[1]);
}

/// Merges the group that ends with the QuantizeLinear `last`, if it is one.
void merge_group(Program& program, std::size_t last) {
  const auto output = scale_of(program, program[last]);
  const auto core = output ? core_of(program, program[last].inputs[0]) : std::nullopt;
  if (!core || is_merged_into(program[core->operation])) {
    return;
  }
  const Operation& own = program[core->operation];
  const auto axis = filter_axis(program, own);
  if (!axis && !is_sum_of_equals(program, own)) {
    return;
  }
  Quantized group{.output = *output, .is_linear = axis && !program.has_op(own, "Conv")};
  Operation rewritten = own;
  rewritten.activation = core->function;
  std::vector<Operation> parts;
  std::vector<std::size_t> sources;
  for (std::size_t i = 0; i < (axis ? 1U : 2U); ++i) {
    const auto source = dequantized(program, own.inputs[i]);
    if (!source) {
      return;
    }
    group.inputs.push_back(source->scale);
    rewritten.inputs[i] = source->integers;
    sources.push_back(source->operation);
    parts.push_back(program[source->operation]);
  }
  if (axis) {
    auto grid = grid_of(program.constant(own.inputs[1]), *axis);
    if (!grid) {
      return;
    }
    group.weights = grid->integers;
    group.weight_scales = std::move(grid->scales);
  }
  std::vector<std::size_t> merged = {core->operation};
  if (core->activation) {
    merged.push_back(*core->activation);
  }
  merged.push_back(last);
  for (const std::size_t part : merged) {
    parts.push_back(program[part]);
  }
  group.parts = std::make_shared<const std::vector<Operation>>(std::move(parts));
  rewritten.group = std::move(group);
  program.merge(merged, std::move(rewritten));
  std::for_each(sources.rbegin(), sources.rend(),
                [&](std::size_t source) { program.absorb_unread(source, last); });
}

}  // namespace

void merge_quantized(Program& program) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (!program.merged_away(i) && program.has_op(program[i], "QuantizeLinear") &&
        is_float(program, program[i].inputs[0])) {
      merge_group(program, i);
    }
  }
}

}  // namespace offcut::exec
