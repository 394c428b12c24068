// Floor: the next integer below each element.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

float below(float x) { return std::floor(x); }

}  // namespace

void register_floor(Registry<Operator>& registry) {
  registry.add(unary<below>("Floor", "the next integer below"));
}

}  // namespace offcut::ops
