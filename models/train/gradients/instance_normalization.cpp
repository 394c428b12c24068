// The gradient of InstanceNormalization, whose groups are the planes; see group_norm_gradient.h.

#include "models/ops/arguments.h"
#include "models/train/group_norm_gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_instance_normalization(const Backward& b) {
  const Shape& x = b.call.shape(0);
  const double epsilon = b.call.attributes.number("epsilon", 1e-5F);
  const std::int64_t channels = x[1];
  return group_norm_backward(b, {ops::extent_between(x, 2, x.size()), epsilon},
                             [&](std::int64_t plane, std::int64_t) { return plane % channels; });
}

}  // namespace

void register_instance_normalization(Registry<Gradient>& registry) {
  registry.add({.name = "InstanceNormalization",
                .doc = "normalised slopes; slopes times normalised inputs; sums of slopes",
                .reads_inputs = {0, 1},
                .weights = {1, 2},
                .backward = backward_instance_normalization});
}

}  // namespace offcut::train
