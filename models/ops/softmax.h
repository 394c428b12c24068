#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// The groups of elements that Softmax and LogSoftmax normalise: `step` of them lie side by side in
/// each of `outer` blocks, `count` elements each, `step` apart.
struct SoftmaxGroups {
  std::int64_t outer, count, step;
};

/// Returns the groups along one axis, `axis` (from opset 13 on, default -1), or along all axes from
/// `axis` on (up to opset 12, default 1).
SoftmaxGroups softmax_groups(const Attributes& attributes, int opset, const Shape& shape);

/// The output type of Softmax and LogSoftmax.
std::vector<TensorType> infer_softmax(const Call& call);

/// Computes y from x, `count` elements each, `step` apart.
using NormalizeGroup = void (*)(const float* x, float* y, std::int64_t count, std::int64_t step);

Tensor normalize_groups(const Call& call, const Tensor& input, NormalizeGroup normalize);

}  // namespace offcut::ops
