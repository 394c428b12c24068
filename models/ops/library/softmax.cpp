// Softmax: exp(x - m) / sum of exp(x - m), with m the greatest x, over the axis `axis` (opset 13
// on, default -1), or over all axes from `axis` on (up to opset 12, default 1). The sum is taken in
// double, in order.

#include <algorithm>
#include <cmath>
#include <limits>

#include "models/ops/arguments.h"

namespace offcut {
namespace {

/// The groups that add up to 1: `count` elements each, `step` apart.
struct Groups {
  std::int64_t outer, count, step;
};

Groups groups(const Call& call) {
  const Shape& x = float_shape(call, 0);
  const bool one_axis = call.opset >= 13;
  const std::size_t axis = axis_in(call.attributes.integer("axis", one_axis ? -1 : 1), x.size());
  const std::int64_t outer = extent_between(x, 0, axis);
  if (one_axis) {
    return {outer, x[axis], extent_between(x, axis + 1, x.size())};
  }
  return {outer, extent_between(x, axis, x.size()), 1};
}

std::vector<TensorType> infer(const Call& call) {
  require_inputs(call, 1, 1);
  groups(call);
  return {call.inputs[0]};
}

void normalize(const float* x, float* y, std::int64_t count, std::int64_t step) {
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

std::vector<Tensor> forward(const Call& call, std::span<const Tensor> inputs) {
  const Groups g = groups(call);
  Tensor y(inputs[0].type());
  const float* from = inputs[0].values<float>().data();
  float* to = y.values<float>().data();
  for (std::int64_t outer = 0; outer < g.outer; ++outer) {
    for (std::int64_t i = 0; i < g.step; ++i) {
      normalize(from + i, to + i, g.count, g.step);
    }
    from += g.count * g.step;
    to += g.count * g.step;
  }
  return {y};
}

}  // namespace

void register_softmax(Registry<Operator>& registry) {
  registry.add({.name = "Softmax",
                .doc = "exp(x) / sum of exp(x) over an axis",
                .kind = always<LayerKind::normalization>,
                .infer = infer,
                .macs = no_macs,
                .forward = forward});
}

}  // namespace offcut
