#pragma once

#include "models/graph/tensor.h"

namespace offcut::ops {

/// Converts each element to another type; see converted() in element_types.h.
Tensor convert(const Tensor& input, DataType to);

}  // namespace offcut::ops
