// Layer normalisation (Ba, Kiros, Hinton, arXiv 1607.06450, eq. 4) over the last axis: the operator
// of opset 17, or the nine layers that exporters write before it: with d = x - mean(x), d /
// sqrt(mean(d^2) + epsilon) * scale + shift.

#include "models/exec/passes.h"
#include "models/exec/pattern.h"
#include "models/ops/arguments.h"

namespace offcut::exec {
namespace {

struct FoundLayerNorm {
  Operand x, scale, shift;
  float epsilon = 0;
  std::vector<std::size_t> operations;
};

/// An operation with a row of constants, and its operand that is computed.
struct WithRow {
  std::size_t operation;
  Operand computed, row;
};

std::optional<WithRow> with_row(const Program& program, const Operand& operand,
                                std::string_view op) {
  const auto made = made_by(program, operand, op);
  if (!made) {
    return std::nullopt;
  }
  const auto& inputs = program[*made].inputs;
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    if (is_constant_row(program, inputs[side], program.type(operand).shape) &&
        program.type(inputs[1 - side]) == program.type(operand)) {
      return WithRow{*made, inputs[1 - side], inputs[side]};
    }
  }
  return std::nullopt;
}

constexpr int kMeanAxesAreInput = 18;  // ReduceMean's axes are an input from this opset on.

/// Returns the operation that computes a mean over the last axis.
std::optional<std::size_t> mean_over_last(const Program& program, const Operand& operand) {
  const auto mean = made_by(program, operand, "ReduceMean");
  if (!mean) {
    return std::nullopt;
  }
  const Layer& layer = program.layer(program[*mean]);
  const Attributes& a = layer.attributes;
  const auto& inputs = program[*mean].inputs;
  const std::size_t rank = program.type(inputs[0]).shape.size();
  std::vector<std::int64_t> axes = a.integers("axes", {});
  if (layer.opset >= kMeanAxesAreInput && inputs.size() > 1 && program.is_constant(inputs[1]) &&
      program.type(inputs[1]).type == DataType::int64) {
    const Tensor given = program.constant(inputs[1]);
    axes.assign(given.values<std::int64_t>().begin(), given.values<std::int64_t>().end());
  }
  return rank > 0 && axes.size() == 1 && ops::axis_in(axes[0], rank) + 1 == rank &&
                 a.integer("keepdims", 1) != 0
             ? mean
             : std::nullopt;
}

/// Returns whether the operation is the square of `base`.
bool is_square(const Program& program, const Operation& operation, const Operand& base) {
  const auto& inputs = operation.inputs;
  return (program.has_op(operation, "Pow") && inputs[0].id == base.id &&
          scalar(program, inputs[1]) == 2.0F) ||
         (program.has_op(operation, "Mul") && inputs[0].id == base.id && inputs[1].id == base.id);
}

/// Matches sqrt(mean(d^2) + epsilon) for the given d; returns epsilon and the operations.
std::optional<FoundLayerNorm> deviation(const Program& program, const Operand& operand,
                                        const Operand& d) {
  const auto root = made_by(program, operand, "Sqrt");
  const auto sum = root ? made_by(program, program[*root].inputs[0], "Add") : std::nullopt;
  if (!sum) {
    return std::nullopt;
  }
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const auto epsilon = scalar(program, program[*sum].inputs[side]);
    const auto mean = mean_over_last(program, program[*sum].inputs[1 - side]);
    const auto square = mean ? program.producer(program[*mean].inputs[0]) : std::nullopt;
    if (epsilon && square && is_square(program, program[*square], d)) {
      return FoundLayerNorm{.epsilon = *epsilon, .operations = {*root, *sum, *mean, *square}};
    }
  }
  return std::nullopt;
}

std::optional<FoundLayerNorm> decomposed(const Program& program, std::size_t last) {
  const auto shifted = with_row(program, output_of(program, last), "Add");
  const auto scaled = shifted ? with_row(program, shifted->computed, "Mul") : std::nullopt;
  const auto divided = scaled ? made_by(program, scaled->computed, "Div") : std::nullopt;
  if (!divided) {
    return std::nullopt;
  }
  const Operand d = program[*divided].inputs[0];
  const auto difference = made_by(program, d, "Sub");
  if (!difference) {
    return std::nullopt;
  }
  const auto mean = mean_over_last(program, program[*difference].inputs[1]);
  auto found = deviation(program, program[*divided].inputs[1], d);
  if (!mean || !found || program[*mean].inputs[0].id != program[*difference].inputs[0].id) {
    return std::nullopt;
  }
  found->x = program[*difference].inputs[0];
  found->scale = scaled->row;
  found->shift = shifted->row;
  found->operations.insert(found->operations.end(),
                           {last, scaled->operation, *divided, *difference, *mean});
  return found;
}

std::optional<FoundLayerNorm> as_operator(const Program& program, std::size_t i) {
  const Operation& operation = program[i];
  if (!program.has_op(operation, "LayerNormalization") || operation.outputs.size() != 1 ||
      operation.inputs.size() != 3) {
    return std::nullopt;
  }
  const Shape shape = program.type(operation.inputs[0]).shape;
  const Attributes& a = program.layer(operation).attributes;
  const bool rows = is_constant_row(program, operation.inputs[1], shape) &&
                    is_constant_row(program, operation.inputs[2], shape);
  if (!rows || ops::axis_in(a.integer("axis", -1), shape.size()) + 1 != shape.size()) {
    return std::nullopt;
  }
  return FoundLayerNorm{operation.inputs[0],
                        operation.inputs[1],
                        operation.inputs[2],
                        a.number("epsilon", 1e-5F),
                        {i}};
}

}  // namespace

void merge_layer_norms(Program& program) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (program.merged_away(i) || !is_float(program, output_of(program, i))) {
      continue;
    }
    auto found = as_operator(program, i);
    found = found ? found : decomposed(program, i);
    if (found && !program.is_constant(found->x)) {
      merge_if_closed(
          program, found->operations,
          {.group = LayerNorm{found->epsilon}, .inputs = {found->x, found->scale, found->shift}});
    }
  }
}

}  // namespace offcut::exec
