// The derivative of Sinh: cosh(x).

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct SinhSlope {
  explicit SinhSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return std::cosh(x);
  }
};

}  // namespace

void register_sinh(Registry<Gradient>& registry) {
  registry.add(unary_gradient<SinhSlope, Reads::input>("Sinh", "cosh(x)"));
}

}  // namespace offcut::train
