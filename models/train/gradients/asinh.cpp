// The derivative of Asinh: 1 / sqrt(x^2 + 1).

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct AsinhSlope {
  explicit AsinhSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return 1 / std::sqrt(x * x + 1);
  }
};

}  // namespace

void register_asinh(Registry<Gradient>& registry) {
  registry.add(unary_gradient<AsinhSlope, Reads::input>("Asinh", "1 / sqrt(x^2 + 1)"));
}

}  // namespace offcut::train
