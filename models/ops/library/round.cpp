// Round: each element rounded to the nearest integer, halves to even.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float nearest(float x) { return std::nearbyint(x); }

}  // namespace

void register_round(Registry<Operator>& registry) {
  registry.add(unary<nearest>("Round", "the nearest integer, halves to even"));
}

}  // namespace offcut::ops
