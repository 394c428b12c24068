#pragma once

#include "models/ops/walk.h"

namespace offcut::ops {

/// The elements that a walk over the input from element `start` on meets, in that order, under the
/// shape. Any element type. REQUIRES: the walk meets as many elements as the shape has.
Tensor rearranged(const Tensor& input, Shape shape, const std::vector<WalkAxis<1>>& axes,
                  std::int64_t start = 0);

/// The input broadcast to a shape. REQUIRES: it can be.
Tensor broadcast_to(const Tensor& input, const Shape& shape);

}  // namespace offcut::ops
