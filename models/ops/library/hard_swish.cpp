// HardSwish: x * max(0, min(1, x / 6 + 1 / 2)) for each element.

#include <algorithm>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float hard_swish(float x) { return x * std::clamp(x / 6 + 0.5F, 0.0F, 1.0F); }

}  // namespace

void register_hard_swish(Registry<Operator>& registry) {
  registry.add(unary<hard_swish>("HardSwish", "x * max(0, min(1, x / 6 + 0.5))"));
}

}  // namespace offcut::ops
