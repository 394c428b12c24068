// The gradient of SimplifiedLayerNormalization, which does not subtract the mean; see
// group_norm_gradient.h.

#include "models/train/group_norm_gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_simplified_layer_normalization(const Backward& b) {
  const double epsilon = b.call.attributes.number("epsilon", 1e-5F);
  return group_norm_backward(
      b, {.length = elements(b.call.shape(1)), .epsilon = epsilon, .centred = false},
      [](std::int64_t, std::int64_t i) { return i; });
}

}  // namespace

void register_simplified_layer_normalization(Registry<Gradient>& registry) {
  registry.add({.name = "SimplifiedLayerNormalization",
                .doc = "normalised slopes; slopes times normalised inputs",
                .reads_inputs = {0, 1},
                .weights = {1},
                .backward = backward_simplified_layer_normalization});
}

}  // namespace offcut::train
