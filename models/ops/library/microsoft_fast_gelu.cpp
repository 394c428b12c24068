// com.microsoft FastGelu: x / 2 * (1 + tanh(sqrt(2 / pi) * (x + 0.044715 x^3))) of X + bias, where
// the optional bias has an element for each place of the last axis (Hendrycks and Gimpel, "Gaussian
// Error Linear Units", 2016, section 2).

#include <cmath>
#include <numbers>

#include "models/ops/biased.h"

namespace offcut::ops {
namespace {

std::vector<TensorType> infer_microsoft_fast_gelu(const Call& call) {
  return infer_biased(call, 1);
}

std::vector<Tensor> forward_microsoft_fast_gelu(const Call& call, std::span<const Tensor> inputs) {
  const float c = std::sqrt(2 / std::numbers::pi_v<float>);
  return {map_biased(call, inputs, [c](float x) {
    return 0.5F * x * (1 + std::tanh(c * (x + 0.044715F * x * x * x)));
  })};
}

}  // namespace

void register_microsoft_fast_gelu(Registry<Operator>& registry) {
  registry.add({.name = "com.microsoft.FastGelu",
                .doc = "the approximation of Gelu with tanh, of x = X + bias",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_microsoft_fast_gelu,
                .macs = no_macs,
                .forward = forward_microsoft_fast_gelu});
}

}  // namespace offcut::ops
