// The gradient of Pow, a^b: b * a^(b - 1) and a^b * log(a), where the latter is 0 for a <= 0. An
// integer exponent is a constant, and no exponent is trained.

#include <cmath>

#include "models/ops/convert.h"
#include "models/train/binary_gradient.h"

namespace offcut::train {
namespace {

std::vector<Tensor> backward_pow(const Backward& b) {
  std::vector<Tensor> all(2);
  const Tensor& base = b.inputs[0];
  const Tensor exponent = ops::convert(b.inputs[1], b.type());
  if (b.wanted[0]) {
    const auto left = [](auto x, auto y) { return y == 0 ? y : y * std::pow(x, y - 1); };
    all[0] = sum_to(times_slope(base, exponent, b.slopes[0], left), b.call.shape(0));
  }
  if (b.wanted[1]) {
    const auto right = [](auto x, auto y) { return x > 0 ? std::pow(x, y) * std::log(x) : 0 * x; };
    all[1] = sum_to(times_slope(base, exponent, b.slopes[0], right), b.call.shape(1));
  }
  return all;
}

}  // namespace

void register_pow(Registry<Gradient>& registry) {
  registry.add({.name = "Pow",
                .doc = "b * a^(b - 1) and a^b * log(a)",
                .reads_inputs = {0, 1},
                .weights = {0},
                .backward = backward_pow});
}

}  // namespace offcut::train
