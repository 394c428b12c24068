// PRelu up to opset 6: a slope of several numbers belongs to the channels, axis 1. Opset 7
// broadcasts it as numpy does, so extents of 1 are appended for the axes after the channels.

#include "models/onnx/older_form.h"

namespace offcut::onnx {
namespace {

void rewrite_p_relu(OlderNode& older) {
  const Shape slope = older.graph.type(older.node.input(1)).shape;
  const std::size_t rank = older.graph.type(older.node.input(0)).shape.size();
  if (slope.size() == 1 && slope[0] != 1 && rank > 2) {
    Shape shape(rank - 1, 1);
    shape[0] = slope[0];
    older.reshape_input(1, shape);
  }
}

}  // namespace

void register_p_relu(Registry<OlderForm>& registry) {
  registry.add({.name = "PRelu", .rewrite = rewrite_p_relu});
}

}  // namespace offcut::onnx
