// Celu: max(0, x) + min(0, alpha * (exp(x / alpha) - 1)).

#include <algorithm>
#include <cmath>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

struct CeluFunction {
  float alpha;

  explicit CeluFunction(const Attributes& attributes) : alpha(attributes.number("alpha", 1)) {}
  float operator()(float x) const { return x > 0 ? x : alpha * std::expm1(x / alpha); }
};

}  // namespace

void register_celu(Registry<Operator>& registry) {
  registry.add(unary<CeluFunction>("Celu", "max(0, x) + min(0, alpha * (exp(x / alpha) - 1))"));
}

}  // namespace offcut::ops
