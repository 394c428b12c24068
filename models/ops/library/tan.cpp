// Tan: the tangent.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {

void register_tan(Registry<Operator>& registry) {
  registry.add(unary<std::tan>("Tan", "the tangent"));
}

}  // namespace offcut::ops
