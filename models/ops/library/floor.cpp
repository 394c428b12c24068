// Floor: each element rounded down to the next integer.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float below(float x) { return std::floor(x); }

}  // namespace

void register_floor(Registry<Operator>& registry) {
  registry.add(unary<below>("Floor", "rounded down to the next integer"));
}

}  // namespace offcut::ops
