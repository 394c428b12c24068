// The gradient of Unsqueeze: the slope in the input's shape.

#include "models/train/moved.h"

namespace offcut::train {

void register_unsqueeze(Registry<Gradient>& registry) {
  registry.add({.name = "Unsqueeze",
                .doc = "the slope in the input's shape",
                .weights = {0},
                .backward = reshaped_backward});
}

}  // namespace offcut::train
