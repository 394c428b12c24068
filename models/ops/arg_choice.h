#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// What ArgMax and ArgMin have in common: where along `axis` the best element is, as int64: the
/// first of equal ones, or the last where select_last_index is set (from opset 12 on).
std::vector<TensorType> infer_arg(const Call& call);

/// The greatest, or the least.
std::vector<Tensor> forward_arg(const Call& call, const Tensor& input, bool greatest);

}  // namespace offcut::ops
