// The derivative of Cosh: sinh(x).

#include <cmath>

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct CoshSlope {
  explicit CoshSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return std::sinh(x);
  }
};

}  // namespace

void register_cosh(Registry<Gradient>& registry) {
  registry.add(unary_gradient<CoshSlope, Reads::input>("Cosh", "sinh(x)"));
}

}  // namespace offcut::train
