// Log: the natural logarithm of each element, NaN for a negative one.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float logarithm(float x) { return std::log(x); }

}  // namespace

void register_log(Registry<Operator>& registry) {
  registry.add(unary<logarithm>("Log", "natural logarithm"));
}

}  // namespace offcut::ops
