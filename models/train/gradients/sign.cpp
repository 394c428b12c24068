// The derivative of Sign: 0, as in PyTorch; the function is constant on both sides of 0.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct SignSlope {
  explicit SignSlope(const Attributes&) {}
  template <class T>
  T operator()(T) const {
    return T{0};
  }
};

}  // namespace

void register_sign(Registry<Gradient>& registry) {
  registry.add(unary_gradient<SignSlope, Reads::nothing>("Sign", "0"));
}

}  // namespace offcut::train
