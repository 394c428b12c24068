// The derivative of Asin: 1 / sqrt(1 - x^2).

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct AsinSlope {
  explicit AsinSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return 1 / std::sqrt(1 - x * x);
  }
};

}  // namespace

void register_asin(Registry<Gradient>& registry) {
  registry.add(unary_gradient<AsinSlope, Reads::input>("Asin", "1 / sqrt(1 - x^2)"));
}

}  // namespace offcut::train
