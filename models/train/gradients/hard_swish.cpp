// The derivative of HardSwish: 0 below -3, 1 above 3, and x / 3 + 1 / 2 between.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct HardSwishSlope {
  explicit HardSwishSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return x < -3 ? T{0} : x > 3 ? T{1} : x / 3 + as<T>(0.5);
  }
};

}  // namespace

void register_hard_swish(Registry<Gradient>& registry) {
  registry.add(unary_gradient<HardSwishSlope, Reads::input>("HardSwish", "0, x / 3 + 1 / 2 or 1"));
}

}  // namespace offcut::train
