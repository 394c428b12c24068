// The gradient of GatherND: each slope is added to the element that was copied.

#include "models/train/moved.h"

namespace offcut::train {

void register_gather_nd(Registry<Gradient>& registry) {
  registry.add({.name = "GatherND",
                .doc = "the slopes of an element's copies, added up",
                .reads_inputs = {1},
                .weights = {0},
                .backward = moved_backward});
}

}  // namespace offcut::train
