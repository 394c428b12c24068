// Round: the nearest integer to each element, the even one of two that are equally near.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float nearest(float x) { return std::nearbyint(x); }

}  // namespace

void register_round(Registry<Operator>& registry) {
  registry.add(unary<nearest>("Round", "the nearest integer, halves to the even one"));
}

}  // namespace offcut::ops
