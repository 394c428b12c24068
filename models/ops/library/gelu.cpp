// Gelu (opset 20): x * Phi(x), where Phi is the normal distribution function, or with `approximate`
// = tanh its approximation (Hendrycks, Gimpel, "Gaussian error linear units", 2016). In double.

#include <fmt/format.h>

#include <cmath>
#include <numbers>
#include <stdexcept>

#include "models/ops/elementwise.h"

namespace offcut::ops {
namespace {

bool is_approximate(const Call& call) {
  const std::string approximate = call.attributes.text("approximate", "none");
  if (approximate != "none" && approximate != "tanh") {
    throw std::invalid_argument(fmt::format("approximate '{}' is not supported", approximate));
  }
  return approximate == "tanh";
}

std::vector<TensorType> infer_gelu(const Call& call) {
  is_approximate(call);
  return same_as_input(call);
}

float exact_gelu(float x) {
  return static_cast<float>(0.5 * x * (1 + std::erf(x / std::numbers::sqrt2)));
}

float approximate_gelu(float x) {
  const double wide = x;
  const double inner = std::sqrt(2 / std::numbers::pi) * (wide + 0.044715 * wide * wide * wide);
  return static_cast<float>(0.5 * wide * (1 + std::tanh(inner)));
}

std::vector<Tensor> forward_gelu(const Call& call, std::span<const Tensor> inputs) {
  return {map_elements(inputs[0], is_approximate(call) ? approximate_gelu : exact_gelu)};
}

}  // namespace

void register_gelu(Registry<Operator>& registry) {
  registry.add({.name = "Gelu",
                .doc = "x times the normal distribution function of x",
                .kind = always<LayerKind::elementwise>,
                .infer = infer_gelu,
                .macs = no_macs,
                .forward = forward_gelu});
}

}  // namespace offcut::ops
