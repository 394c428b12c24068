// Acosh: the inverse hyperbolic cosine.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {

void register_acosh(Registry<Operator>& registry) {
  registry.add(unary<std::acosh>("Acosh", "the inverse hyperbolic cosine"));
}

}  // namespace offcut::ops
