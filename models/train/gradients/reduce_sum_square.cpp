// The derivative of ReduceSumSquare: 2 * x.

#include "models/train/reduction_gradient.h"

namespace offcut::train {
namespace {

struct ReduceSumSquareSlope {
  template <class T>
  T operator()(T x, T, T) const {
    return 2 * x;
  }
};

}  // namespace

void register_reduce_sum_square(Registry<Gradient>& registry) {
  registry.add(reduction_gradient<ReduceSumSquareSlope, true>("ReduceSumSquare", "2 * x"));
}

}  // namespace offcut::train
