// The last pass: fuses a residual sum, then an activation, with the operation that makes its
// argument. A layer is fused only if it alone reads that argument.

#include "models/exec/passes.h"
#include "models/exec/pattern.h"

namespace offcut::exec {
namespace {

/// Checks for an Add of two computed tensors of the same shape, which broadcasts nothing.
bool is_plain_sum(const Program& program, const Operation& operation) {
  return program.has_op(operation, "Add") && operation.inputs.size() == 2 &&
         !program.is_constant(operation.inputs[0]) && !program.is_constant(operation.inputs[1]) &&
         program.type(operation.inputs[0]).type == DataType::float32 &&
         program.type(operation.inputs[0]) == program.type(operation.inputs[1]);
}

template <class Group>
bool is_group(const Operation& operation) {
  return std::holds_alternative<Group>(operation.group);
}

/// Merges Conv, or a product with a matrix, and Add: the Add's other input becomes the residual.
void merge_sum(Program& program, std::size_t sum) {
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const auto producer = program.sole_producer(program[sum].inputs[side]);
    if (!producer || program[*producer].residual || program[*producer].activation ||
        !(program.has_op(program[*producer], "Conv") || is_group<Linear>(program[*producer]))) {
      continue;
    }
    Operation merged = program[*producer];
    merged.residual = program[sum].inputs[1 - side].id;
    program.merge({*producer, sum}, std::move(merged));
    return;
  }
}

void merge_activation(Program& program, std::size_t reader, const Activation& activation) {
  const auto producer = program.sole_producer(program[reader].inputs.front());
  if (!producer) {
    return;
  }
  Operation merged = program[*producer];
  const bool able = program.has_op(merged, "Conv") || program.has_op(merged, "Gemm") ||
                    program.has_op(merged, "BatchNormalization") || is_group<Linear>(merged) ||
                    is_plain_sum(program, merged);
  if (able && !merged.activation) {
    merged.activation = activation;
    program.merge({*producer, reader}, std::move(merged));
  }
}

}  // namespace

void fuse(Program& program) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (program.merged_away(i)) {
      continue;
    }
    if (is_plain_sum(program, program[i])) {
      merge_sum(program, i);
    } else if (const auto activation = activation_alone(program, program[i])) {
      merge_activation(program, i, *activation);
    }
  }
}

}  // namespace offcut::exec
