// Erf: the error function of each element.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float error_function(float x) { return std::erf(x); }

}  // namespace

void register_erf(Registry<Operator>& registry) {
  registry.add(unary<error_function>("Erf", "error function"));
}

}  // namespace offcut::ops
