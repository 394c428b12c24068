// HardSigmoid: max(0, min(1, alpha * x + beta)) for each element. A NaN stays a NaN, as in ONNX's
// reference implementation.

#include <algorithm>

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

struct HardSigmoidFunction {
  float alpha;
  float beta;

  explicit HardSigmoidFunction(const Attributes& attributes)
      : alpha(attributes.number("alpha", 0.2F)), beta(attributes.number("beta", 0.5F)) {}
  float operator()(float x) const { return std::clamp(alpha * x + beta, 0.0F, 1.0F); }
};

}  // namespace

void register_hard_sigmoid(Registry<Operator>& registry) {
  registry.add(unary<HardSigmoidFunction>("HardSigmoid", "max(0, min(1, alpha * x + beta))"));
}

}  // namespace offcut::ops
