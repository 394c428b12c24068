// Elu: x, or alpha * (exp(x) - 1) where x < 0.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

struct EluFunction {
  float alpha;

  explicit EluFunction(const Attributes& attributes) : alpha(attributes.number("alpha", 1)) {}
  float operator()(float x) const { return x < 0 ? alpha * std::expm1(x) : x; }
};

}  // namespace

void register_elu(Registry<Operator>& registry) {
  registry.add(unary<EluFunction>("Elu", "x, or alpha * (exp(x) - 1) where x < 0"));
}

}  // namespace offcut::ops
