// Scaled dot-product attention (Vaswani et al., "Attention is all you need", NeurIPS 2017, eq. 1)
// between its projections: MatMul, a scale, a mask that is added or that chooses, Softmax, MatMul.

#include "models/exec/passes.h"
#include "models/exec/pattern.h"
#include "models/ops/arguments.h"

namespace offcut::exec {
namespace {

struct FoundAttention {
  Attention attention;
  Operand mask;
  std::vector<std::size_t> operations;
};

bool is_softmax_over_last(const Program& program, const Operation& operation) {
  const Layer& layer = program.layer(operation);
  const std::size_t rank = program.type(operation.inputs[0]).shape.size();
  return rank > 0 &&
         ops::axis_in(layer.attributes.integer("axis", layer.opset >= 13 ? -1 : 1), rank) + 1 ==
             rank;
}

/// Matches scores = scale * q k, and adds the product and its scale to `found`.
bool find_scores(const Program& program, const Operand& scores, FoundAttention& found) {
  const Product scaled = product_of(program, scores);
  const auto product = scaled.factors.size() == 1
                           ? made_by(program, scaled.factors.front(), "MatMul")
                           : std::nullopt;
  if (!product) {
    return false;
  }
  found.attention.scale = static_cast<float>(scaled.factor);
  found.operations.insert(found.operations.end(), scaled.operations.begin(),
                          scaled.operations.end());
  found.operations.push_back(*product);
  return true;
}

/// Matches the input of Softmax: scores, with or without a mask.
std::optional<FoundAttention> find_masked(const Program& program, const Operand& scores) {
  FoundAttention plain;
  if (find_scores(program, scores, plain)) {
    return plain;
  }
  if (const auto sum = made_by(program, scores, "Add")) {
    for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
      const auto& inputs = program[*sum].inputs;
      FoundAttention found{.attention = {.mask = Attention::Mask::added},
                           .mask = inputs[side],
                           .operations = {*sum}};
      if (program.type(inputs[1 - side]) == program.type(scores) &&
          find_scores(program, inputs[1 - side], found)) {
        return found;
      }
    }
  }
  if (const auto choice = made_by(program, scores, "Where")) {
    const auto& inputs = program[*choice].inputs;
    const auto fill = scalar(program, inputs[2]);
    FoundAttention found{.attention = {.mask = Attention::Mask::chosen, .fill = fill.value_or(0)},
                         .mask = inputs[0],
                         .operations = {*choice}};
    if (fill && program.type(inputs[1]) == program.type(scores) &&
        find_scores(program, inputs[1], found)) {
      return found;
    }
  }
  return std::nullopt;
}

/// Returns whether the stacks of matrices have the same extents, and those of the result, so that
/// nothing is broadcast. A scale of many axes gives the result more axes.
bool same_stacks(const Program& program, const std::vector<Operand>& operands) {
  const Shape first = program.type(operands.front()).shape;
  for (const Operand& operand : operands) {
    const Shape shape = program.type(operand).shape;
    if (program.is_constant(operand) || shape.size() != first.size() || shape.size() < 2 ||
        !std::equal(shape.begin(), shape.end() - 2, first.begin())) {
      return false;
    }
  }
  return true;
}

}  // namespace

void merge_attention(Program& program) {
  for (std::size_t i = 0; i < program.size(); ++i) {
    if (program.merged_away(i) || !program.has_op(program[i], "MatMul") ||
        !is_float(program, output_of(program, i))) {
      continue;
    }
    const Operand v = program[i].inputs[1];
    const auto softmax = made_by(program, program[i].inputs[0], "Softmax");
    if (!softmax || !is_softmax_over_last(program, program[*softmax])) {
      continue;
    }
    auto found = find_masked(program, program[*softmax].inputs[0]);
    if (!found) {
      continue;
    }
    const Operation& scores = program[found->operations.back()];
    Operation merged{.group = found->attention, .inputs = {scores.inputs[0], scores.inputs[1], v}};
    if (!same_stacks(program, {merged.inputs[0], merged.inputs[1], v, output_of(program, i)})) {
      continue;
    }
    if (found->attention.mask != Attention::Mask::none) {
      merged.inputs.push_back(found->mask);
    }
    found->operations.insert(found->operations.end(), {*softmax, i});
    merge_if_closed(program, found->operations, std::move(merged));
  }
}

}  // namespace offcut::exec
