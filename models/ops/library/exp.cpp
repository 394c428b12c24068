// Exp: e to the power of each element.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float power(float x) { return std::exp(x); }

}  // namespace

void register_exp(Registry<Operator>& registry) {
  registry.add(unary<power>("Exp", "e to the power x"));
}

}  // namespace offcut::ops
