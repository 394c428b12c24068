// Asinh: the inverse hyperbolic sine.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {

void register_asinh(Registry<Operator>& registry) {
  registry.add(unary<std::asinh>("Asinh", "the inverse hyperbolic sine"));
}

}  // namespace offcut::ops
