// The derivative of Erf: 2 / sqrt(pi) * exp(-x^2).

#include <cmath>
#include <numbers>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct ErfSlope {
  explicit ErfSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return as<T>(2 * std::numbers::inv_sqrtpi) * std::exp(-x * x);
  }
};

}  // namespace

void register_erf(Registry<Gradient>& registry) {
  registry.add(unary_gradient<ErfSlope, Reads::input>("Erf", "2 / sqrt(pi) * exp(-x^2)"));
}

}  // namespace offcut::train
