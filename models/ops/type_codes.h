#pragma once

#include "models/graph/tensor.h"

namespace offcut::ops {

/// Returns the type for ONNX's number, as in attributes `to` and `dtype`. Throws
/// std::invalid_argument if offcut has no such type.
DataType type_of_code(std::int64_t code);

/// The reverse. REQUIRES: not `absent`.
std::int64_t code_of_type(DataType type);

}  // namespace offcut::ops
