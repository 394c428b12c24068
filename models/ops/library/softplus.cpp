// Softplus: log(1 + exp(x)) for each element, computed as max(x, 0) + log(1 + exp(-|x|)), which
// does not overflow.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float stable_softplus(float x) { return std::fmax(x, 0.0F) + std::log1p(std::exp(-std::abs(x))); }

}  // namespace

void register_softplus(Registry<Operator>& registry) {
  registry.add(unary<stable_softplus>("Softplus", "log(1 + exp(x))"));
}

}  // namespace offcut::ops
