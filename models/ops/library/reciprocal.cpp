// Reciprocal: 1 / x for each element, infinity for 0.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float inverse(float x) { return 1 / x; }

}  // namespace

void register_reciprocal(Registry<Operator>& registry) {
  registry.add(unary<inverse>("Reciprocal", "1 / x"));
}

}  // namespace offcut::ops
