#pragma once

#include <span>

#include "models/graph/tensor.h"

namespace offcut::parallel {

/// Positions [first, last) along an axis. Any element type.
/// REQUIRES: axis < rank, 0 <= first <= last <= the axis's extent.
Tensor part_of(const Tensor& tensor, std::size_t axis, std::int64_t first, std::int64_t last);

/// Parts one behind the other along an axis: what part_of() took apart.
/// REQUIRES: at least one part; they differ in that axis only.
Tensor joined(std::span<const Tensor> parts, std::size_t axis);

}  // namespace offcut::parallel
