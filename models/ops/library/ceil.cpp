// Ceil: the next integer above each element.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float above(float x) { return std::ceil(x); }

}  // namespace

void register_ceil(Registry<Operator>& registry) {
  registry.add(unary<above>("Ceil", "the next integer above"));
}

}  // namespace offcut::ops
