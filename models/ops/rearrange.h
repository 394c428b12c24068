#pragma once

#include "models/ops/walk.h"

namespace offcut::ops {

/// Returns the elements that a walk over the input visits, from element `start` on, in that order
/// and under the given shape. Any element type.
/// REQUIRES: the walk visits as many elements as the shape has.
Tensor rearranged(const Tensor& input, Shape shape, const std::vector<WalkAxis<1>>& axes,
                  std::int64_t start = 0);

/// Broadcasts the input to a shape. REQUIRES: the shapes fit.
Tensor broadcast_to(const Tensor& input, const Shape& shape);

}  // namespace offcut::ops
