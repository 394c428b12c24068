#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// The output type of Softmax and LogSoftmax, which normalise groups of elements: one axis, `axis`
/// (from opset 13 on, default -1), or all axes from `axis` on (up to opset 12, default 1).
std::vector<TensorType> infer_softmax(const Call& call);

/// Computes y from x, `count` elements each, `step` apart.
using NormalizeGroup = void (*)(const float* x, float* y, std::int64_t count, std::int64_t step);

Tensor normalize_groups(const Call& call, const Tensor& input, NormalizeGroup normalize);

}  // namespace offcut::ops
