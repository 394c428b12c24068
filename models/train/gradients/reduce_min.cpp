// The gradient of ReduceMin: the slope goes to the smallest element; equal ones share it.

#include "models/train/reduction_gradient.h"

namespace offcut::train {

void register_reduce_min(Registry<Gradient>& registry) {
  registry.add({.name = "ReduceMin",
                .doc = "1 / k for the k smallest elements, else 0",
                .reads_inputs = {0},
                .reads_outputs = true,
                .backward = extreme_backward});
}

}  // namespace offcut::train
