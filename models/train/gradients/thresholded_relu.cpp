// The derivative of ThresholdedRelu: 1 where x > alpha, else 0.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct ThresholdedReluSlope {
  float alpha;

  explicit ThresholdedReluSlope(const Attributes& attributes)
      : alpha(attributes.number("alpha", 1)) {}
  template <class T>
  T operator()(T x) const {
    return x > as<T>(alpha) ? T{1} : T{0};
  }
};

}  // namespace

void register_thresholded_relu(Registry<Gradient>& registry) {
  registry.add(unary_gradient<ThresholdedReluSlope, Reads::input>("ThresholdedRelu",
                                                                  "1 where x > alpha, else 0"));
}

}  // namespace offcut::train
