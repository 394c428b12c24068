// The gradient of Squeeze: the slope in the input's shape.

#include "models/train/moved.h"

namespace offcut::train {

void register_squeeze(Registry<Gradient>& registry) {
  registry.add({.name = "Squeeze",
                .doc = "the slope in the input's shape",
                .weights = {0},
                .backward = reshaped_backward});
}

}  // namespace offcut::train
