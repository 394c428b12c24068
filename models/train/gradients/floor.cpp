// The derivative of Floor: 0, as in PyTorch; the function is constant between its steps.

#include "models/train/unary_gradient.h"

namespace offcut::train {
namespace {

struct FloorSlope {
  explicit FloorSlope(const Attributes&) {}
  template <class T>
  T operator()(T) const {
    return T{0};
  }
};

}  // namespace

void register_floor(Registry<Gradient>& registry) {
  registry.add(unary_gradient<FloorSlope, Reads::nothing>("Floor", "0"));
}

}  // namespace offcut::train
