// Mish: x * tanh(log(1 + exp(x))) for each element (Misra, "Mish: A self regularized non-monotonic
// activation function", BMVC 2020).

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float mish(float x) {
  const float softplus = std::fmax(x, 0.0F) + std::log1p(std::exp(-std::abs(x)));
  return x * std::tanh(softplus);
}

}  // namespace

void register_mish(Registry<Operator>& registry) {
  registry.add(unary<mish>("Mish", "x * tanh(log(1 + exp(x)))"));
}

}  // namespace offcut::ops
