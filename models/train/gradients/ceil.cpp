// The derivative of Ceil: 0, as in PyTorch; the function is constant between its steps.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct CeilSlope {
  explicit CeilSlope(const Attributes&) {}
  template <class T>
  T operator()(T) const {
    return T{0};
  }
};

}  // namespace

void register_ceil(Registry<Gradient>& registry) {
  registry.add(unary_gradient<CeilSlope, Reads::nothing>("Ceil", "0"));
}

}  // namespace offcut::train
