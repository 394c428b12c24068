// Reshape up to opset 4: the shape is an attribute. From opset 5 on it is an input.

#include <stdexcept>

#include "models/onnx/older_form.h"

namespace offcut::onnx {
namespace {

void rewrite_reshape(OlderNode& older) {
  const ::onnx::AttributeProto* const shape = older.attribute("shape");
  if (shape == nullptr) {
    throw std::invalid_argument("attribute 'shape' is missing");
  }
  const std::vector<std::int64_t> extents(shape->ints().begin(), shape->ints().end());
  older.remove("shape");
  older.add_input("shape", extents);
}

}  // namespace

void register_reshape(Registry<OlderForm>& registry) {
  registry.add({.name = "Reshape", .until = 4, .rewrite = rewrite_reshape});
}

}  // namespace offcut::onnx
