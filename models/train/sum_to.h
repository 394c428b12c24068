#pragma once

#include "models/graph/tensor.h"

namespace offcut::train {

/// Undoes a broadcast: sums a tensor over the axes along which `shape` was repeated. The order of
/// summation is fixed; sums are in float64. Returns the tensor itself if the shapes are equal.
/// REQUIRES: `shape` can be broadcast to the tensor's shape.
Tensor sum_to(const Tensor& tensor, const Shape& shape);

/// Returns a + b, or the present one of both. REQUIRES: equal types.
Tensor added(const Tensor& a, const Tensor& b);

}  // namespace offcut::train
