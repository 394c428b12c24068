// Cosh: the hyperbolic cosine.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {

void register_cosh(Registry<Operator>& registry) {
  registry.add(unary<std::cosh>("Cosh", "the hyperbolic cosine"));
}

}  // namespace offcut::ops
