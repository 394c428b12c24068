// The gradient of Mean of n inputs: 1 / n of the slope for each, summed over what was broadcast.

#include "models/train/binary_gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_mean(const Backward& b) {
  const auto count = static_cast<float>(b.inputs.size());
  const Tensor share = times_slope(b.slopes[0], b.slopes[0], b.slopes[0], [count](auto x, auto) {
    return decltype(x){1} / as<decltype(x)>(count);
  });
  std::vector<Tensor> all(b.inputs.size());
  for (std::size_t i = 0; i < all.size(); ++i) {
    if (b.wanted[i]) {
      all[i] = sum_to(share, b.call.shape(i));
    }
  }
  return all;
}

}  // namespace

void register_mean(Registry<Gradient>& registry) {
  registry.add({.name = "Mean",
                .doc = "1 / n for each of n inputs",
                .weights = InputSet::all(),
                .backward = backward_mean});
}

}  // namespace offcut::train
