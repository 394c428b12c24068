// The derivative of Exp: the result itself.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct ExpSlope {
  explicit ExpSlope(const Attributes&) {}
  template <class T>
  T operator()(T y) const {
    return y;
  }
};

}  // namespace

void register_exp(Registry<Gradient>& registry) {
  registry.add(unary_gradient<ExpSlope, Reads::output>("Exp", "y"));
}

}  // namespace offcut::train
