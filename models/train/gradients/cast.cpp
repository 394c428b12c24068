// The gradient of Cast from float32 to itself is the slope; there is none through another type.

#include <stdexcept>

#include "models/train/moved.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_cast(const Backward& b) {
  if (b.call.inputs[0].type != b.type()) {
    throw std::invalid_argument("only a Cast from float32 to float32 has a gradient");
  }
  return reshaped_backward(b);
}

}  // namespace

void register_cast(Registry<Gradient>& registry) {
  registry.add({.name = "Cast", .doc = "the slope, from float32 only", .backward = backward_cast});
}

}  // namespace offcut::train
