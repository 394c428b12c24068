// The gradient of Identity: the slope in the input's shape.

#include "models/train/moved.h"

namespace offcut::train {

void register_identity(Registry<Gradient>& registry) {
  registry.add({.name = "Identity",
                .doc = "the slope in the input's shape",
                .weights = {0},
                .backward = reshaped_backward});
}

}  // namespace offcut::train
