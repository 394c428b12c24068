// The gradient of Where: the slope for the input that was chosen at each place, 0 for the other.

#include "models/ops/convert.h"
#include "models/train/binary_gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_where(const Backward& b) {
  const Tensor chosen = ops::convert(b.inputs[0], b.type());
  const Tensor& dy = b.slopes[0];
  std::vector<Tensor> all(3);
  if (b.wanted[1]) {
    all[1] = sum_to(times_slope(chosen, dy, dy, [](auto c, auto) { return c; }), b.call.shape(1));
  }
  if (b.wanted[2]) {
    all[2] =
        sum_to(times_slope(chosen, dy, dy, [](auto c, auto) { return 1 - c; }), b.call.shape(2));
  }
  return all;
}

}  // namespace

void register_where(Registry<Gradient>& registry) {
  registry.add({.name = "Where",
                .doc = "1 for the chosen input, 0 for the other",
                .reads_inputs = {0},
                .weights = {1, 2},
                .backward = backward_where});
}

}  // namespace offcut::train
