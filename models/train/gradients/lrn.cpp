// The gradient of LRN, y = x * s^-beta with s = bias + alpha / size * (sum of x^2 over nearby
// channels): dx = dy * s^-beta - 2 * beta * alpha / size * x * t, where t is the sum of
// dy * x * s^(-beta - 1) over the channels that x is near to.

#include <cmath>

#include "models/ops/arguments.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {
namespace {

struct LrnSettings {
  std::int64_t size;
  double alpha, beta, bias;

  explicit LrnSettings(const Attributes& attributes)
      : size(attributes.integer("size", 1)),
        alpha(attributes.number("alpha", 1e-4F) / static_cast<float>(size)),
        beta(attributes.number("beta", 0.75F)),
        bias(attributes.number("bias", 1)) {}
};

/// Computes the gradient of the elements of all channels at one place, `step` apart.
template <class T>
void lrn_place(const LrnSettings& r, const T* x, const T* dy, T* dx, std::int64_t channels,
               std::int64_t step) {
  for (std::int64_t c = 0; c < channels; ++c) {
    const std::int64_t first = std::max<std::int64_t>(0, c - (r.size - 1) / 2);
    const std::int64_t last = std::min(channels, c + r.size / 2 + 1);
    double sum = 0;
    for (std::int64_t near = first; near < last; ++near) {
      sum += static_cast<double>(x[near * step]) * static_cast<double>(x[near * step]);
    }
    const double s = r.bias + r.alpha * sum;
    const double power = std::pow(s, -r.beta);
    const double t = 2 * r.beta * r.alpha * dy[c * step] * x[c * step] * power / s;
    dx[c * step] += static_cast<T>(dy[c * step] * power);
    for (std::int64_t near = first; near < last; ++near) {
      dx[near * step] -= static_cast<T>(t * x[near * step]);
    }
  }
}

std::vector<Tensor> backward_lrn(const Backward& b) {
  const LrnSettings r(b.call.attributes);
  const Shape& shape = b.call.shape(0);
  const std::int64_t plane = ops::extent_between(shape, 2, shape.size());
  Tensor dx(TensorType{b.type(), shape});
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    for (std::int64_t n = 0; n < shape[0]; ++n) {
      for (std::int64_t i = 0; i < plane; ++i) {
        const std::int64_t at = n * shape[1] * plane + i;
        lrn_place(r, elements_of<T>(b.inputs[0]) + at, elements_of<T>(b.slopes[0]) + at,
                  elements_of<T>(dx) + at, shape[1], plane);
      }
    }
  });
  return {dx};
}

}  // namespace

void register_lrn(Registry<Gradient>& registry) {
  registry.add({.name = "LRN",
                .doc = "dy * s^-beta - 2 * beta * alpha / size * x * t; see its file",
                .reads_inputs = {0},
                .backward = backward_lrn});
}

}  // namespace offcut::train
