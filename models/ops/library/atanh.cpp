// Atanh: the inverse hyperbolic tangent.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {

void register_atanh(Registry<Operator>& registry) {
  registry.add(unary<std::atanh>("Atanh", "the inverse hyperbolic tangent"));
}

}  // namespace offcut::ops
