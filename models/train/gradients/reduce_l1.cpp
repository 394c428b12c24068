// The derivative of ReduceL1: the sign of x, and 0 at 0.

#include "models/train/reduction_gradient.h"

namespace offcut::train {
namespace {

struct ReduceL1Slope {
  template <class T>
  T operator()(T x, T, T) const {
    return x > 0 ? T{1} : x < 0 ? T{-1} : T{0};
  }
};

}  // namespace

void register_reduce_l1(Registry<Gradient>& registry) {
  registry.add(reduction_gradient<ReduceL1Slope, true>("ReduceL1", "sign(x)"));
}

}  // namespace offcut::train
