#pragma once

#include <optional>
#include <vector>

#include "models/exec/program.h"

namespace offcut::exec {

// Queries for passes that look for a group of layers which exporters write for one function.

/// Returns the value of a constant float32 scalar.
std::optional<float> scalar(const Program& program, const Operand& operand);

/// Returns the scale and zero point of a QuantizeLinear or DequantizeLinear of uint8 or int8 that
/// has one constant scale above 0 and no blocks.
std::optional<Scale> scale_of(const Program& program, const Operation& operation);

/// A dequantised tensor: where it comes from.
struct Dequantized {
  std::size_t operation;
  Operand integers;
  Scale scale;
};

/// Returns the origin of a tensor that a DequantizeLinear makes of computed uint8 or int8, with one
/// scale.
std::optional<Dequantized> dequantized(const Program& program, const Operand& operand);

bool is_float(const Program& program, const Operand& operand);

/// Returns the activation if the operation is one and nothing else.
std::optional<Activation> activation_alone(const Program& program, const Operation& operation);

/// Returns whether the operand is one constant for each place along the last axis of `shape`.
bool is_constant_row(const Program& program, const Operand& operand, const Shape& shape);

/// Returns the operation that makes the operand if its core is a layer with this operator, and
/// nothing has been merged into it.
std::optional<std::size_t> made_by(const Program& program, const Operand& operand,
                                   std::string_view op);

/// factor * factors[0] * factors[1] .., as a tree of Mul, and of Div by constants, whose inner
/// results have no other reader.
struct Product {
  double factor = 1;
  std::vector<Operand> factors;
  std::vector<std::size_t> operations;  // The operations of the tree, ascending.
};

/// Returns the product that the operand is, or a product of the operand alone.
Product product_of(const Program& program, const Operand& operand);

/// The operand b of a sum b + number or number + b, and the operation that computes it.
struct Shifted {
  Operand operand;
  std::size_t operation = 0;
};
std::optional<Shifted> plus(const Program& program, const Operand& operand, float number);

/// Merges the operations, in any order, if nothing else reads their intermediate results, not even
/// the rewritten operation. Returns whether it did.
bool merge_if_closed(Program& program, std::vector<std::size_t> operations, Operation rewritten);

/// Returns the operation's only output as an operand.
inline Operand output_of(const Program& program, std::size_t operation) {
  return {.id = program[operation].outputs.front()};
}

}  // namespace offcut::exec
