// Sqrt: the square root of each element, NaN for a negative one.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float root(float x) { return std::sqrt(x); }

}  // namespace

void register_sqrt(Registry<Operator>& registry) {
  registry.add(unary<root>("Sqrt", "square root"));
}

}  // namespace offcut::ops
