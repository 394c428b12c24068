// Split of opset 1: the sizes of the parts may be an input. In opset 2 they are an attribute.

#include <stdexcept>

#include "models/onnx/older_form.h"

namespace offcut::onnx {
namespace {

void rewrite_split(OlderNode& older) {
  if (older.node.input_size() < 2) {
    return;
  }
  const Tensor* const parts = older.graph.constant_value(older.node.input(1));
  if (parts == nullptr ||
      (parts->type().type != DataType::float32 && parts->type().type != DataType::int64)) {
    throw std::invalid_argument("the sizes of the parts must be a constant");
  }
  std::vector<std::int64_t> sizes;
  if (parts->type().type == DataType::int64) {
    sizes.assign(parts->values<std::int64_t>().begin(), parts->values<std::int64_t>().end());
  } else {  // The type of input 0.
    for (const float size : parts->values<float>()) {
      sizes.push_back(static_cast<std::int64_t>(size));
    }
  }
  older.node.mutable_input()->RemoveLast();
  older.set_integers("split", sizes);
}

}  // namespace

void register_split(Registry<OlderForm>& registry) {
  registry.add({.name = "Split", .until = 1, .rewrite = rewrite_split});
}

}  // namespace offcut::onnx
