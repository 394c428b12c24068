// The derivative of ReduceSum: 1.

#include "models/train/reduction_gradient.h"

namespace offcut::train {
namespace {

struct ReduceSumSlope {
  template <class T>
  T operator()(T, T, T) const {
    return T{1};
  }
};

}  // namespace

void register_reduce_sum(Registry<Gradient>& registry) {
  registry.add(reduction_gradient<ReduceSumSlope, false, 13>("ReduceSum", "1"));
}

}  // namespace offcut::train
