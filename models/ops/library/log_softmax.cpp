// LogSoftmax: x - m - log(sum of exp(x - m)), with m the greatest x, over the same axes as Softmax.
// The sum and its logarithm are computed in double.

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/ops/softmax.h"

namespace offcut::ops {
namespace {

void normalize_log_softmax(const float* x, float* y, std::int64_t count, std::int64_t step) {
  float greatest = -std::numeric_limits<float>::infinity();
  for (std::int64_t i = 0; i < count; ++i) {
    greatest = std::max(greatest, x[i * step]);
  }
  double sum = 0;
  for (std::int64_t i = 0; i < count; ++i) {
    sum += std::exp(static_cast<double>(x[i * step]) - greatest);
  }
  const double shift = greatest + std::log(sum);
  for (std::int64_t i = 0; i < count; ++i) {
    y[i * step] = static_cast<float>(x[i * step] - shift);
  }
}

std::vector<Tensor> forward_log_softmax(const Call& call, std::span<const Tensor> inputs) {
  return {normalize_groups(call, inputs[0], normalize_log_softmax)};
}

}  // namespace

void register_log_softmax(Registry<Operator>& registry) {
  registry.add({.name = "LogSoftmax",
                .doc = "x - log(sum of exp(x)) over an axis",
                .kind = always<LayerKind::normalization>,
                .infer = infer_softmax,
                .macs = no_macs,
                .forward = forward_log_softmax});
}

}  // namespace offcut::ops
