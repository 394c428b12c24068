// Sin: the sine of each element.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float sine(float x) { return std::sin(x); }

}  // namespace

void register_sin(Registry<Operator>& registry) { registry.add(unary<sine>("Sin", "sine")); }

}  // namespace offcut::ops
