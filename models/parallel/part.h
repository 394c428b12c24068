#pragma once

#include <span>

#include "models/graph/tensor.h"

namespace offcut::parallel {

/// Returns positions [first, last) along an axis, for any element type.
/// REQUIRES: axis < rank, 0 <= first <= last <= the axis's extent.
Tensor part_of(const Tensor& tensor, std::size_t axis, std::int64_t first, std::int64_t last);

/// Joins parts one after another along an axis, the inverse of part_of().
/// REQUIRES: there is at least one part, and parts differ only in that axis.
Tensor joined(std::span<const Tensor> parts, std::size_t axis);

}  // namespace offcut::parallel
