// Acos: the inverse cosine.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {

void register_acos(Registry<Operator>& registry) {
  registry.add(unary<std::acos>("Acos", "the inverse cosine"));
}

}  // namespace offcut::ops
