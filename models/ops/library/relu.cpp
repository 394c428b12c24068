// Relu: max(0, x), element by element. A NaN stays a NaN, as in ONNX Runtime.

#include "models/ops/elementwise.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_relu(const Call&, std::span<const Tensor> inputs) {
  return {map_elements(inputs[0], [](float x) { return x < 0 ? 0.0F : x; })};
}

}  // namespace

void register_relu(Registry<Operator>& registry) {
  registry.add({.name = "Relu",
                .doc = "max(0, x)",
                .kind = always<LayerKind::elementwise>,
                .infer = same_as_input,
                .macs = no_macs,
                .forward = forward_relu});
}

}  // namespace offcut::ops
