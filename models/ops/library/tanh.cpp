// Tanh: the hyperbolic tangent, element by element.

#include <cmath>

#include "models/ops/elementwise.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_tanh(const Call&, std::span<const Tensor> inputs) {
  return {map_elements(inputs[0], [](float x) { return std::tanh(x); })};
}

}  // namespace

void register_tanh(Registry<Operator>& registry) {
  registry.add({.name = "Tanh",
                .doc = "hyperbolic tangent",
                .kind = always<LayerKind::elementwise>,
                .infer = same_as_input,
                .macs = no_macs,
                .forward = forward_tanh});
}

}  // namespace offcut::ops
