// Operators of two operands up to opset 6: the second one is broadcast only if `broadcast` is set,
// and its axes lie at those of the first one from `axis` on, by default the last ones. Opset 7
// broadcasts as numpy does, so extents of 1 are appended to the second operand.

#include <fmt/format.h>

#include <initializer_list>
#include <stdexcept>

#include "models/onnx/older_form.h"

namespace offcut::onnx {
namespace {

void rewrite_operands(OlderNode& older) {
  if (older.integer("broadcast", 0) != 0 && older.attribute("axis") != nullptr) {
    const auto rank = static_cast<std::int64_t>(older.graph.type(older.node.input(0)).shape.size());
    const Shape operand = older.graph.type(older.node.input(1)).shape;
    const auto width = static_cast<std::int64_t>(operand.size());
    const std::int64_t given = older.integer("axis", 0);
    const std::int64_t axis = given < 0 ? given + rank : given;
    const std::int64_t after = rank - axis - width;
    if (axis < 0 || after < 0) {
      throw std::invalid_argument(fmt::format("operand {} does not fit {} axes from axis {} on",
                                              to_text(operand), rank, given));
    }
    if (after > 0) {
      Shape shape = operand;
      shape.insert(shape.end(), static_cast<std::size_t>(after), 1);
      older.reshape_input(1, shape);
    }
  }
  older.remove("broadcast");
  older.remove("axis");
}

}  // namespace

void register_operands(Registry<OlderForm>& registry) {
  for (const char* op :
       {"Add", "Sub", "Mul", "Div", "Pow", "And", "Or", "Xor", "Equal", "Greater", "Less"}) {
    registry.add({.name = op, .rewrite = rewrite_operands});
  }
}

}  // namespace offcut::onnx
