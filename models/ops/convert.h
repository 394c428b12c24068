#pragma once

#include "models/graph/tensor.h"

namespace offcut::ops {

/// Converts each element to another type; see converted() in element_types.h. Floats of 16 bits are
/// rounded to the nearest one, ties to even, from their value in float32; what is too large becomes
/// infinite.
Tensor convert(const Tensor& input, DataType to);

}  // namespace offcut::ops
