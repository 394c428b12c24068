// Sigmoid: 1 / (1 + exp(-x)). If exp(-x) overflows to infinity, the result is 0, as it should be.

#include <cmath>

#include "models/ops/elementwise.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_sigmoid(const Call&, std::span<const Tensor> inputs) {
  return {map_elements(inputs[0], [](float x) { return 1.0F / (1.0F + std::exp(-x)); })};
}

}  // namespace

void register_sigmoid(Registry<Operator>& registry) {
  registry.add({.name = "Sigmoid",
                .doc = "1 / (1 + exp(-x))",
                .kind = always<LayerKind::elementwise>,
                .infer = same_as_input,
                .macs = no_macs,
                .forward = forward_sigmoid});
}

}  // namespace offcut::ops
