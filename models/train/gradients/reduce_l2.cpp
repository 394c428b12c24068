// The derivative of ReduceL2: x / y, and 0 where the norm is 0.

#include "models/train/reduction_gradient.h"

namespace offcut::train {
namespace {

struct ReduceL2Slope {
  template <class T>
  T operator()(T x, T y, T) const {
    return y == 0 ? T{0} : x / y;
  }
};

}  // namespace

void register_reduce_l2(Registry<Gradient>& registry) {
  registry.add(reduction_gradient<ReduceL2Slope, true>("ReduceL2", "x / y"));
}

}  // namespace offcut::train
