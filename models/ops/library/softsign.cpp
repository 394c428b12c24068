// Softsign: x / (1 + |x|) for each element.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float softsign(float x) { return x / (1 + std::abs(x)); }

}  // namespace

void register_softsign(Registry<Operator>& registry) {
  registry.add(unary<softsign>("Softsign", "x / (1 + |x|)"));
}

}  // namespace offcut::ops
