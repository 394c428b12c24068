// Asin: the inverse sine.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {

void register_asin(Registry<Operator>& registry) {
  registry.add(unary<std::asin>("Asin", "the inverse sine"));
}

}  // namespace offcut::ops
