// The gradient of GroupNormalization; see group_norm_gradient.h. Scale and bias belong to the
// groups in opset 18, and to the channels from opset 21 on.

#include "models/ops/arguments.h"
#include "models/train/group_norm_gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_group_normalization(const Backward& b) {
  const Shape& x = b.call.shape(0);
  const double epsilon = b.call.attributes.number("epsilon", 1e-5F);
  const std::int64_t groups = b.call.attributes.integer("num_groups", 1);
  const std::int64_t in_group = x[1] / groups;
  const std::int64_t plane = ops::extent_between(x, 2, x.size());
  const bool per_group = b.call.opset < 21;
  return group_norm_backward(b, {in_group * plane, epsilon}, [&](std::int64_t at, std::int64_t i) {
    return per_group ? at % groups : at % groups * in_group + i / plane;
  });
}

}  // namespace

void register_group_normalization(Registry<Gradient>& registry) {
  registry.add({.name = "GroupNormalization",
                .doc = "normalised slopes; slopes times normalised inputs; sums of slopes",
                .reads_inputs = {0, 1},
                .weights = {1, 2},
                .backward = backward_group_normalization});
}

}  // namespace offcut::train
