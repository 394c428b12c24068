// The derivative of ReduceLogSum: 1 / (sum of x), which is exp(-y).

#include <cmath>

#include "models/train/reduction_gradient.h"

namespace offcut::train {
namespace {

struct ReduceLogSumSlope {
  template <class T>
  T operator()(T, T y, T) const {
    return std::exp(-y);
  }
};

}  // namespace

void register_reduce_log_sum(Registry<Gradient>& registry) {
  registry.add(reduction_gradient<ReduceLogSumSlope, true>("ReduceLogSum", "exp(-y)"));
}

}  // namespace offcut::train
