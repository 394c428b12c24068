#include "models/exec/passes.h"

namespace offcut {
namespace {

bool is(const Program& program, const Operation& operation, std::string_view op) {
  return program.layer(operation).op_name == op;
}

/// An Add of two tensors that are computed, of the same shape, so that it broadcasts nothing.
bool is_plain_sum(const Program& program, const Operation& operation) {
  return is(program, operation, "Add") && operation.inputs.size() == 2 &&
         !program.is_constant(operation.inputs[0]) && !program.is_constant(operation.inputs[1]) &&
         program.type(operation.inputs[0]).type == DataType::float32 &&
         program.type(operation.inputs[0]) == program.type(operation.inputs[1]);
}

/// Conv + Add: the convolution takes the Add's other input as its residual.
void merge_sum(Program& program, std::size_t sum) {
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const auto producer = program.sole_producer(program[sum].inputs[side]);
    if (!producer || !is(program, program[*producer], "Conv") || program[*producer].residual ||
        program[*producer].activation) {
      continue;
    }
    Operation merged = program[*producer];
    merged.residual = program[sum].inputs[1 - side].id;
    program.merge(*producer, sum, std::move(merged));
    return;
  }
}

void merge_activation(Program& program, std::size_t reader, const Activation& activation) {
  const auto producer = program.sole_producer(program[reader].inputs.front());
  if (!producer) {
    return;
  }
  Operation merged = program[*producer];
  const bool able =
      is(program, merged, "Conv") || is(program, merged, "Gemm") || is_plain_sum(program, merged);
  if (able && !merged.activation) {
    merged.activation = activation;
    program.merge(*producer, reader, std::move(merged));
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
    } else if (const auto activation = activation_of(program.graph(), program[i].layer)) {
      merge_activation(program, i, *activation);
    }
  }
}

}  // namespace offcut
