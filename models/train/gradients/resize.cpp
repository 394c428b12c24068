// The gradient of Resize to the nearest element: each slope is added to the element that was
// copied. Blends of elements have none yet.

#include <stdexcept>

#include "models/train/moved.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_resize(const Backward& b) {
  if (b.call.attributes.text("mode", "nearest") != "nearest" ||
      b.call.attributes.text("coordinate_transformation_mode", "") == "tf_crop_and_resize") {
    throw std::invalid_argument("only the mode 'nearest' without a region has a gradient");
  }
  return float_moved_backward(b);
}

}  // namespace

void register_resize(Registry<Gradient>& registry) {
  registry.add({.name = "Resize",
                .doc = "the slopes of an element's copies, added up; mode nearest only",
                .backward = backward_resize});
}

}  // namespace offcut::train
