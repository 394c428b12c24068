// The building blocks with which the merge passes recognise groups of layers. An operation that
// other passes have merged something into matches no pattern.

#include "models/exec/pattern.h"

#include <algorithm>
#include <cmath>

namespace offcut::exec {

std::optional<float> scalar(const Program& program, const Operand& operand) {
  if (!program.is_constant(operand)) {
    return std::nullopt;
  }
  const TensorType type = program.type(operand);
  return type.type == DataType::float32 && elements(type.shape) == 1
             ? std::optional(program.constant(operand).values<float>().front())
             : std::nullopt;
}

std::optional<Scale> scale_of(const Program& program, const Operation& operation) {
  constexpr std::size_t kZeroPoint = 2;
  const auto& inputs = operation.inputs;
  const auto scale = scalar(program, inputs[1]);
  if (!scale || !(*scale > 0) || program.layer(operation).attributes.integer("block_size", 0) > 0) {
    return std::nullopt;
  }
  Scale found{.scale = *scale};
  if (inputs.size() <= kZeroPoint || program.type(inputs[kZeroPoint]) == TensorType{}) {
    return found;
  }
  const TensorType type = program.type(inputs[kZeroPoint]);
  if (!program.is_constant(inputs[kZeroPoint]) || elements(type.shape) != 1 ||
      (type.type != DataType::uint8 && type.type != DataType::int8)) {
    return std::nullopt;
  }
  const Tensor zero = program.constant(inputs[kZeroPoint]);
  found.zero = type.type == DataType::uint8
                   ? static_cast<std::int32_t>(zero.values<std::uint8_t>().front())
                   : static_cast<std::int32_t>(zero.values<std::int8_t>().front());
  return found;
}

std::optional<Dequantized> dequantized(const Program& program, const Operand& operand) {
  const auto maker = made_by(program, operand, "DequantizeLinear");
  if (!maker) {
    return std::nullopt;
  }
  const Operand& integers = program[*maker].inputs[0];
  const DataType type = program.type(integers).type;
  const auto scale = scale_of(program, program[*maker]);
  if (!scale || program.is_constant(integers) ||
      (type != DataType::uint8 && type != DataType::int8)) {
    return std::nullopt;
  }
  return Dequantized{*maker, integers, *scale};
}

bool is_float(const Program& program, const Operand& operand) {
  return program.type(operand).type == DataType::float32;
}

std::optional<Activation> activation_alone(const Program& program, const Operation& operation) {
  return std::holds_alternative<Elementwise>(operation.group) ? operation.activation
         : operation.group.index() == 0 ? activation_of(program.graph(), operation.layer)
                                        : std::nullopt;
}

bool is_constant_row(const Program& program, const Operand& operand, const Shape& shape) {
  if (!program.is_constant(operand) || !is_float(program, operand) || shape.empty()) {
    return false;
  }
  const Shape own = program.type(operand).shape;
  return own.size() <= shape.size() && !own.empty() && own.back() == shape.back() &&
         elements(own) == own.back();
}

std::optional<std::size_t> made_by(const Program& program, const Operand& operand,
                                   std::string_view op) {
  const auto maker = program.producer(operand);
  return maker && program.has_op(program[*maker], op) && !program[*maker].residual &&
                 !program[*maker].activation
             ? maker
             : std::nullopt;
}

Product product_of(const Program& program, const Operand& operand) {
  const auto times = made_by(program, operand, "Mul");
  const auto divided = times ? std::nullopt : made_by(program, operand, "Div");
  if (!times && !(divided && scalar(program, program[*divided].inputs[1]))) {
    return {.factors = {operand}};
  }
  Product product{.operations = {times ? *times : *divided}};
  const auto& inputs = program[product.operations.front()].inputs;
  for (std::size_t i = 0; i < inputs.size(); ++i) {
    const Operand& input = inputs[i];
    if (const auto number = scalar(program, input)) {
      const bool is_divisor = divided && i == 1;
      product.factor = is_divisor ? product.factor / *number : product.factor * *number;
      continue;
    }
    // A tensor with other readers is a factor, whatever makes it.
    const Product part =
        program.sole_producer(input) ? product_of(program, input) : Product{.factors = {input}};
    product.factor *= part.factor;
    product.factors.insert(product.factors.end(), part.factors.begin(), part.factors.end());
    product.operations.insert(product.operations.end(), part.operations.begin(),
                              part.operations.end());
  }
  return product;
}

std::optional<Shifted> plus(const Program& program, const Operand& operand, float number) {
  const auto sum = made_by(program, operand, "Add");
  if (!sum) {
    return std::nullopt;
  }
  for (const std::size_t side : {std::size_t{0}, std::size_t{1}}) {
    const auto constant = scalar(program, program[*sum].inputs[side]);
    if (constant && std::abs(*constant - number) <= 1e-6F * std::abs(number)) {
      return Shifted{program[*sum].inputs[1 - side], *sum};
    }
  }
  return std::nullopt;
}

bool merge_if_closed(Program& program, std::vector<std::size_t> operations, Operation rewritten) {
  std::sort(operations.begin(), operations.end());
  operations.erase(std::unique(operations.begin(), operations.end()), operations.end());
  const bool reads_inner_result =
      std::any_of(rewritten.inputs.begin(), rewritten.inputs.end(), [&](const Operand& input) {
        const auto maker = program.producer(input);
        return maker && std::binary_search(operations.begin(), operations.end(), *maker);
      });
  if (reads_inner_result || !program.closed(operations)) {
    return false;
  }
  rewritten.layer = program[operations.back()].layer;
  program.merge(operations, std::move(rewritten));
  return true;
}

}  // namespace offcut::exec
