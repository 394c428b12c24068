// com.microsoft BiasGelu: Gelu of A + B, where B has an element for each place of A's last axis.

#include <cmath>
#include <numbers>

#include "models/ops/biased.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_microsoft_bias_gelu(const Call& call) {
  return infer_biased(call, 2);
}

std::vector<Tensor> forward_microsoft_bias_gelu(const Call& call, std::span<const Tensor> inputs) {
  return {map_biased(call, inputs, [](float x) {
    return 0.5F * x * (1 + std::erf(x / std::numbers::sqrt2_v<float>));
  })};
}

}  // namespace

void register_microsoft_bias_gelu(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.BiasGelu",
                .doc = "x / 2 * (1 + erf(x / sqrt(2))) of x = A + B",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_microsoft_bias_gelu,
                .macs = no_macs,
                .forward = forward_microsoft_bias_gelu});
}

}  // namespace offcut::ops
