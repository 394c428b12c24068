// The gradient of SpaceToDepth: each slope is added to the element that was copied.

#include "models/train/moved.h"

namespace offcut::train {

void register_space_to_depth(Registry<Gradient>& registry) {
  registry.add({.name = "SpaceToDepth",
                .doc = "the slopes of an element's copies, added up",
                .weights = {0},
                .backward = moved_backward});
}

}  // namespace offcut::train
