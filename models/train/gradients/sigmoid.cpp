// The derivative of Sigmoid: y * (1 - y).

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct SigmoidSlope {
  explicit SigmoidSlope(const Attributes&) {}
  template <class T>
  T operator()(T y) const {
    return y * (1 - y);
  }
};

}  // namespace

void register_sigmoid(Registry<Gradient>& registry) {
  registry.add(unary_gradient<SigmoidSlope, Reads::output>("Sigmoid", "y * (1 - y)"));
}

}  // namespace offcut::train
