// com.microsoft Gelu: x / 2 * (1 + erf(x / sqrt(2))) (Hendrycks and Gimpel, "Gaussian Error Linear
// Units", 2016).

#include <cmath>
#include <numbers>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float microsoft_gelu(float x) {
  return 0.5F * x * (1 + std::erf(x / std::numbers::sqrt2_v<float>));
}

}  // namespace

void register_microsoft_gelu(Registry<Operator>& registry) {
  registry.add(unary<microsoft_gelu>("com.microsoft.Gelu", "x / 2 * (1 + erf(x / sqrt(2)))"));
}

}  // namespace offcut::ops
