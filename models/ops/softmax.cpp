#include "models/ops/softmax.h"

#include "models/ops/arguments.h"

namespace offcut::ops {
namespace {

/// The groups: `count` elements each, `step` apart.
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

}  // namespace

std::vector<TensorType> infer_softmax(const Call& call) {
  require_inputs(call, 1, 1);
  groups(call);
  return {call.inputs[0]};
}

Tensor normalize_groups(const Call& call, const Tensor& input, NormalizeGroup normalize) {
  const Groups g = groups(call);
  Tensor y(input.type());
  const float* from = input.values<float>().data();
  float* to = y.values<float>().data();
  for (std::int64_t outer = 0; outer < g.outer; ++outer) {
    for (std::int64_t i = 0; i < g.step; ++i) {
      normalize(from + i, to + i, g.count, g.step);
    }
    from += g.count * g.step;
    to += g.count * g.step;
  }
  return y;
}

}  // namespace offcut::ops
