#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// The output type of HannWindow, HammingWindow and BlackmanWindow: a[0] - a[1] * cos(2 pi i / N) +
/// a[2] * cos(4 pi i / N) for i below the constant size, in double. N is the size, or the size less
/// 1 if periodic = 0.
std::vector<TensorType> infer_window_function(const Call& call);
Tensor window_function(const Call& call, double a0, double a1, double a2);

}  // namespace offcut::ops
