// The derivative of HardSigmoid: alpha between the bounds, and 0 outside.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct HardSigmoidSlope {
  float alpha;

  explicit HardSigmoidSlope(const Attributes& attributes)
      : alpha(attributes.number("alpha", 0.2F)) {}
  template <class T>
  T operator()(T y) const {
    return y > 0 && y < 1 ? as<T>(alpha) : T{0};
  }
};

}  // namespace

void register_hard_sigmoid(Registry<Gradient>& registry) {
  registry.add(unary_gradient<HardSigmoidSlope, Reads::output>("HardSigmoid",
                                                               "alpha where 0 < y < 1, else 0"));
}

}  // namespace offcut::train
