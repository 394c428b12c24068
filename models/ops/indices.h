#pragma once

#include "models/ops/arguments.h"

namespace offcut::ops {

/// Returns the shape of an input of indices: int64 or int32.
const Shape& index_shape(const Call& call, std::size_t input);

/// Returns the indices into an axis, counted from 0; negative ones count from the end. Throws
/// std::invalid_argument if one is out of range.
std::vector<std::int64_t> indices_in(const Tensor& indices, std::int64_t extent);

}  // namespace offcut::ops
