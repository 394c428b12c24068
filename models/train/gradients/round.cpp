// The derivative of Round: 0, as in PyTorch; the function is constant between its steps.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct RoundSlope {
  explicit RoundSlope(const Attributes&) {}
  template <class T>
  T operator()(T) const {
    return T{0};
  }
};

}  // namespace

void register_round(Registry<Gradient>& registry) {
  registry.add(unary_gradient<RoundSlope, Reads::nothing>("Round", "0"));
}

}  // namespace offcut::train
