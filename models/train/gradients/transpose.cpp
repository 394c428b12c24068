// The gradient of Transpose: the slope with the axes in their old order.

#include <numeric>

#include "models/ops/arguments.h"
#include "models/ops/rearrange.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_transpose(const Backward& b) {
  const Shape& x = b.call.shape(0);
  std::vector<std::int64_t> reversed(x.size());
  std::iota(reversed.rbegin(), reversed.rend(), 0);
  const auto order = b.call.attributes.integers("perm", reversed);
  const auto steps = ops::row_major_steps(b.slopes[0].shape());
  std::vector<ops::WalkAxis<1>> axes(x.size());
  for (std::size_t i = 0; i < order.size(); ++i) {
    const std::size_t axis = ops::axis_in(order[i], x.size());
    axes[axis] = {x[axis], {steps[i]}};
  }
  return {ops::rearranged(b.slopes[0], x, axes)};
}

}  // namespace

void register_transpose(Registry<Gradient>& registry) {
  registry.add({.name = "Transpose",
                .doc = "the slope with the axes in their old order",
                .weights = {0},
                .backward = backward_transpose});
}

}  // namespace offcut::train
