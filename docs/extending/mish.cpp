// Mish: x * tanh(log(1 + exp(x))) for each element (Misra, "Mish: A self regularized non-monotonic
// activation function", BMVC 2020).

#include <cmath>

#include "models/ops/elementwise.h"

namespace offcut::ops {
namespace {

std::vector<Tensor> forward_mish(const Call&, std::span<const Tensor> inputs) {
  return {map_elements(inputs[0], [](float x) {
    const float softplus = std::fmax(x, 0.0F) + std::log1p(std::exp(-std::abs(x)));
    return x * std::tanh(softplus);
  })};
}

}  // namespace

void register_mish(Registry<Operator>& registry) {
  registry.add({.name = "Mish",
                .doc = "x * tanh(log(1 + exp(x)))",
                .kind = always<LayerKind::elementwise>,
                .infer = same_as_input,
                .macs = no_macs,
                .forward = forward_mish});
}

}  // namespace offcut::ops
