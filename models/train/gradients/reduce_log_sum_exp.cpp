// The derivative of ReduceLogSumExp: exp(x - y), the softmax of x.

#include <cmath>

#include "models/train/reduction_gradient.h"

namespace offcut::train {
namespace {

struct ReduceLogSumExpSlope {
  template <class T>
  T operator()(T x, T y, T) const {
    return std::exp(x - y);
  }
};

}  // namespace

void register_reduce_log_sum_exp(Registry<Gradient>& registry) {
  registry.add(reduction_gradient<ReduceLogSumExpSlope, true>("ReduceLogSumExp", "exp(x - y)"));
}

}  // namespace offcut::train
