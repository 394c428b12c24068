// Softmax: exp(x - m) / sum of exp(x - m), with m the greatest x, over the axis `axis` (from opset
// 13 on, default -1), or over all axes from `axis` on (up to opset 12, default 1). The sum is
// computed in double, in order.

#include "models/ops/softmax.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace offcut::ops {
namespace {

void normalize_softmax(const float* x, float* y, std::int64_t count, std::int64_t step) {
  float greatest = -std::numeric_limits<float>::infinity();
  for (std::int64_t i = 0; i < count; ++i) {
    greatest = std::max(greatest, x[i * step]);
  }
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    const float power = std::exp(x[i * step] - greatest);
    y[i * step] = power;
    sum += power;
  }
  const double scale = 1 / sum;
  for (std::int64_t i = 0; i < count; ++i) {
    y[i * step] = static_cast<float>(y[i * step] * scale);
  }
}

std::vector<Tensor> forward_softmax(const Call& call, std::span<const Tensor> inputs) {
  return {normalize_groups(call, inputs[0], normalize_softmax)};
}

}  // namespace

void register_softmax(Registry<Operator>& registry) {
  registry.add({.name = "Softmax",
                .doc = "exp(x) / sum of exp(x) over an axis",
                .kind = always<LayerKind::normalization>,
                .infer = infer_softmax,
                .macs = no_macs,
                .forward = forward_softmax});
}

}  // namespace offcut::ops
