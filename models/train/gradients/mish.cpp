// The derivative of Mish: with t = tanh(log(1 + exp(x))), t + x * sigmoid(x) * (1 - t^2).

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct MishSlope {
  explicit MishSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    const T t = std::tanh(std::fmax(x, T{0}) + std::log1p(std::exp(-std::abs(x))));
    return t + x * (1 - t * t) / (1 + std::exp(-x));
  }
};

}  // namespace

void register_mish(Registry<Gradient>& registry) {
  registry.add(unary_gradient<MishSlope, Reads::input>(
      "Mish", "t + x * sigmoid(x) * (1 - t^2) with t = tanh(softplus(x))"));
}

}  // namespace offcut::train
