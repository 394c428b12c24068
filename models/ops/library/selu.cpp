// Selu: gamma * x, or gamma * alpha * (exp(x) - 1) where x < 0.

#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

struct SeluFunction {
  float alpha;
  float gamma;

  explicit SeluFunction(const Attributes& attributes)
      : alpha(attributes.number("alpha", 1.67326319F)),
        gamma(attributes.number("gamma", 1.05070102F)) {}
  float operator()(float x) const { return gamma * (x > 0 ? x : alpha * std::expm1(x)); }
};

}  // namespace

void register_selu(Registry<Operator>& registry) {
  registry.add(
      unary<SeluFunction>("Selu", "gamma * x, or gamma * alpha * (exp(x) - 1) where x < 0"));
}

}  // namespace offcut::ops
