// The derivative of ReduceMean: 1 / n for each of n elements.

#include "models/train/reduction_gradient.h"

namespace offcut::train {
namespace {

struct ReduceMeanSlope {
  template <class T>
  T operator()(T, T, T count) const {
    return 1 / count;
  }
};

}  // namespace

void register_reduce_mean(Registry<Gradient>& registry) {
  registry.add(reduction_gradient<ReduceMeanSlope, false>("ReduceMean", "1 / n"));
}

}  // namespace offcut::train
