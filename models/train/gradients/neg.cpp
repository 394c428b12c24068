// The derivative of Neg: -1.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct NegSlope {
  explicit NegSlope(const Attributes&) {}
  template <class T>
  T operator()(T) const {
    return T{-1};
  }
};

}  // namespace

void register_neg(Registry<Gradient>& registry) {
  registry.add(unary_gradient<NegSlope, Reads::nothing>("Neg", "-1"));
}

}  // namespace offcut::train
