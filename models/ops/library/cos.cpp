// Cos: the cosine of each element.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float cosine(float x) { return std::cos(x); }

}  // namespace

void register_cos(Registry<Operator>& registry) { registry.add(unary<cosine>("Cos", "cosine")); }

}  // namespace offcut::ops
