// Shrink: x + bias where x < -lambd, x - bias where x > lambd, else 0.

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

struct ShrinkFunction {
  float bias, lambda;

  explicit ShrinkFunction(const Attributes& attributes)
      : bias(attributes.number("bias", 0)), lambda(attributes.number("lambd", 0.5F)) {}
  float operator()(float x) const {
    if (x < -lambda) {
      return x + bias;
    }
    return x > lambda ? x - bias : 0;
  }
};

}  // namespace

void register_shrink(Registry<Operator>& registry) {
  registry.add(
      unary<ShrinkFunction>("Shrink", "x moved towards 0 by bias, and 0 where |x| <= lambd"));
}

}  // namespace offcut::ops
