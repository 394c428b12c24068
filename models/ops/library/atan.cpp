// Atan: the inverse tangent.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {

void register_atan(Registry<Operator>& registry) {
  registry.add(unary<std::atan>("Atan", "the inverse tangent"));
}

}  // namespace offcut::ops
