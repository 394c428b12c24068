#pragma once

#include <optional>
#include <vector>

#include "models/exec/program.h"

namespace offcut::exec {

// What passes ask when they look for a group of layers that exporters write for one function.

/// A constant float32 number.
std::optional<float> scalar(const Program& program, const Operand& operand);

bool is_float(const Program& program, const Operand& operand);

/// The activation, where the operation is one and nothing else.
std::optional<Activation> activation_alone(const Program& program, const Operation& operation);

/// Whether the operand is one constant for each place along the last axis of `shape`.
bool is_constant_row(const Program& program, const Operand& operand, const Shape& shape);

/// The operation that makes the operand where its core is a layer with this operator, and nothing
/// has been merged into it.
std::optional<std::size_t> made_by(const Program& program, const Operand& operand,
                                   std::string_view op);

/// factor * factors[0] * factors[1] .., as a tree of Mul, and of Div by constants, whose inner
/// results nobody else reads.
struct Product {
  double factor = 1;
  std::vector<Operand> factors;
  std::vector<std::size_t> operations;  // of the tree, ascending
};

/// The product that the operand is; itself alone where it is none.
Product product_of(const Program& program, const Operand& operand);

/// b where the operand is b + number or number + b, by the operation named.
struct Shifted {
  Operand of;
  std::size_t operation = 0;
};
std::optional<Shifted> plus(const Program& program, const Operand& operand, float number);

/// Merges the operations, in any order, if nobody else reads what they make.
bool merge_if_closed(Program& program, std::vector<std::size_t> operations, Operation rewritten);

/// The operand that the operation's only output is.
inline Operand output_of(const Program& program, std::size_t operation) {
  return {.id = program[operation].outputs.front()};
}

}  // namespace offcut::exec
