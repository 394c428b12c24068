// Swish: x * sigmoid(alpha * x) for each element (Ramachandran, Zoph, Le, "Searching for activation
// functions", 2017). Opset 24 has it under this name.

#include <cmath>

#include "models/ops/elementwise.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_swish(const Call& call, std::span<const Tensor> inputs) {
  const float alpha = call.attributes.number("alpha", 1);
  return {map_elements(inputs[0], [alpha](float x) { return x / (1 + std::exp(-alpha * x)); })};
}

}  // namespace

void register_swish(Registry<Operator>& registry) {
  registry.add({.name = "Swish",
                .doc = "x * sigmoid(alpha * x)",
                .kind = always<LayerKind::elementwise>,
                .infer = same_as_input,
                .macs = no_macs,
                .forward = forward_swish});
}

}  // namespace offcut::ops
