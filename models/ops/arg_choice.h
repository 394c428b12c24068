#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// The output type of ArgMax and ArgMin: the index of the best element along `axis`, as int64. Of
/// equal elements the first counts, or the last if select_last_index is set (from opset 12 on).
std::vector<TensorType> infer_arg(const Call& call);

/// Finds the greatest elements, or the least.
std::vector<Tensor> forward_arg(const Call& call, const Tensor& input, bool greatest);

}  // namespace offcut::ops
