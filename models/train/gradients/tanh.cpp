// The derivative of Tanh: 1 - y^2.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct TanhSlope {
  explicit TanhSlope(const Attributes&) {}
  template <class T>
  T operator()(T y) const {
    return 1 - y * y;
  }
};

}  // namespace

void register_tanh(Registry<Gradient>& registry) {
  registry.add(unary_gradient<TanhSlope, Reads::output>("Tanh", "1 - y^2"));
}

}  // namespace offcut::train
