// ThresholdedRelu: x where x > alpha, else 0.

#include "models/ops/unary.h"

namespace offcut::ops {
namespace {

struct ThresholdedReluFunction {
  float alpha;

  explicit ThresholdedReluFunction(const Attributes& attributes)
      : alpha(attributes.number("alpha", 1)) {}
  float operator()(float x) const { return x > alpha ? x : 0; }
};

}  // namespace

void register_thresholded_relu(Registry<Operator>& registry) {
  registry.add(unary<ThresholdedReluFunction>("ThresholdedRelu", "x where x > alpha, else 0"));
}

}  // namespace offcut::ops
