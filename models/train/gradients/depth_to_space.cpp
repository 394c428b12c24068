// The gradient of DepthToSpace: each slope is added to the element that was copied.

#include "models/train/moved.h"

namespace offcut::train {

void register_depth_to_space(Registry<Gradient>& registry) {
  registry.add({.name = "DepthToSpace",
                .doc = "the slopes of an element's copies, added up",
                .weights = {0},
                .backward = moved_backward});
}

}  // namespace offcut::train
