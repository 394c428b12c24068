// The derivative of Abs: the sign of x, and 0 at 0.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct AbsSlope {
  explicit AbsSlope(const Attributes&) {}
  template <class T>
  T operator()(T x) const {
    return x > 0 ? T{1} : x < 0 ? T{-1} : T{0};
  }
};

}  // namespace

void register_abs(Registry<Gradient>& registry) {
  registry.add(unary_gradient<AbsSlope, Reads::input>("Abs", "sign(x), and 0 at 0"));
}

}  // namespace offcut::train
