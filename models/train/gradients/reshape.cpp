// The gradient of Reshape: the slope in the input's shape.

#include "models/train/moved.h"

namespace offcut::train {

void register_reshape(Registry<Gradient>& registry) {
  registry.add({.name = "Reshape",
                .doc = "the slope in the input's shape",
                .weights = {0},
                .backward = reshaped_backward});
}

}  // namespace offcut::train
