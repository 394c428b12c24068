// MatMul with a constant matrix, and Add of a constant row after it: a fully connected layer over
// the last axis, as exporters write it for tensors of three axes.

#include "models/exec/passes.h"
#include "models/exec/pattern.h"

namespace offcut::exec {
namespace {

bool is_linear(const Program& program, const Operation& operation) {
  if (!program.has_op(operation, "MatMul")) {
    return false;
  }
  const auto& inputs = operation.inputs;
  return !program.is_constant(inputs[0]) && program.is_constant(inputs[1]) &&
         is_float(program, inputs[0]) && program.type(inputs[0]).shape.size() >= 2 &&
         program.type(inputs[1]).shape.size() == 2;
}

void merge_bias(Program& program, std::size_t sum) {
  const Shape shape = program.type(output_of(program, sum)).shape;
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const Operand& bias = program[sum].inputs[side];
    const auto producer = program.sole_producer(program[sum].inputs[1 - side]);
    // A product with one column would be broadcast to the row's length.
    if (!producer || !is_constant_row(program, bias, shape) ||
        program.type(program[sum].inputs[1 - side]).shape != shape ||
        !std::holds_alternative<Linear>(program[*producer].group) ||
        program[*producer].inputs.size() > 2) {
      continue;
    }
    Operation merged = program[*producer];
    merged.inputs.push_back(bias);
    program.merge({*producer, sum}, std::move(merged));
    return;
  }
}

}  // namespace

void merge_linear(Program& program) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (program.merged_away(i)) {
      continue;
    }
    if (is_linear(program, program[i])) {
      Operation linear = program[i];
      linear.group = Linear{};
      program.merge({i}, std::move(linear));
    } else if (program.has_op(program[i], "Add")) {
      merge_bias(program, i);
    }
  }
}

}  // namespace offcut::exec
