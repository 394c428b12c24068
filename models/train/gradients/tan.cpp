// The derivative of Tan: 1 + y^2.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct TanSlope {
  explicit TanSlope(const Attributes&) {}
  template <class T>
  T operator()(T y) const {
    return 1 + y * y;
  }
};

}  // namespace

void register_tan(Registry<Gradient>& registry) {
  registry.add(unary_gradient<TanSlope, Reads::output>("Tan", "1 + y^2"));
}

}  // namespace offcut::train
