// Sinh: the hyperbolic sine.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {

void register_sinh(Registry<Operator>& registry) {
  registry.add(unary<std::sinh>("Sinh", "the hyperbolic sine"));
}

}  // namespace offcut::ops
