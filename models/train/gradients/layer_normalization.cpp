// The gradient of LayerNormalization; see group_norm_gradient.h. Only the first output has one.

#include "models/ops/arguments.h"
#include "models/train/group_norm_gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_layer_normalization(const Backward& b) {
  const double epsilon = b.call.attributes.number("epsilon", 1e-5F);
  return group_norm_backward(b, {elements(b.call.shape(1)), epsilon},
                             [](std::int64_t, std::int64_t i) { return i; });
}

}  // namespace

void register_layer_normalization(Registry<Gradient>& registry) {
  registry.add({.name = "LayerNormalization",
                .doc = "normalised slopes; slopes times normalised inputs; sums of slopes",
                .reads_inputs = {0, 1},
                .weights = {1, 2},
                .backward = backward_layer_normalization});
}

}  // namespace offcut::train
