// The derivative of Relu: 1 where the result is positive, and 0 elsewhere, at 0 as well.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct ReluSlope {
  explicit ReluSlope(const Attributes&) {}
  template <class T>
  T operator()(T y) const {
    return y > 0 ? T{1} : T{0};
  }
};

}  // namespace

void register_relu(Registry<Gradient>& registry) {
  registry.add(unary_gradient<ReluSlope, Reads::output>("Relu", "1 where y > 0, else 0"));
}

}  // namespace offcut::train
