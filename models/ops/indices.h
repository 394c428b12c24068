#pragma once

#include "models/ops/arguments.h"

namespace offcut::ops {

/// The shape of an input of indices: int64 or int32.
const Shape& index_shape(const Call& call, std::size_t input);

/// The indices into an axis, from 0 on: those from the end count from there. Throws
/// std::invalid_argument where one is out of range.
std::vector<std::int64_t> indices_in(const Tensor& indices, std::int64_t extent);

}  // namespace offcut::ops
