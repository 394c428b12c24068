// Ceil: each element rounded up to the next integer.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float above(float x) { return std::ceil(x); }

}  // namespace

void register_ceil(Registry<Operator>& registry) {
  registry.add(unary<above>("Ceil", "rounded up to the next integer"));
}

}  // namespace offcut::ops
