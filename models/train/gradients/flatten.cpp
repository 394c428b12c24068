// The gradient of Flatten: the slope in the input's shape.

#include "models/train/moved.h"

namespace offcut::train {

void register_flatten(Registry<Gradient>& registry) {
  registry.add({.name = "Flatten",
                .doc = "the slope in the input's shape",
                .weights = {0},
                .backward = reshaped_backward});
}

}  // namespace offcut::train
