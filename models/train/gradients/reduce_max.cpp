// The gradient of ReduceMax: the slope goes to the greatest element; equal ones share it.

#include "models/train/reduction_gradient.h"

namespace offcut::train {

void register_reduce_max(Registry<Gradient>& registry) {
  registry.add({.name = "ReduceMax",
                .doc = "1 / k for the k greatest elements, else 0",
                .reads_inputs = {0},
                .reads_outputs = true,
                .backward = extreme_backward});
}

}  // namespace offcut::train
