#pragma once

#include <string>
#include <string_view>

#include "models/graph/tensor.h"

namespace offcut::runtime {

/// Returns the protocol's name of an element type: "FP32", "BF16", "BOOL".
std::string_view datatype(DataType type);

/// Returns a type as messages name it: "FP32 [1,3,224,224]".
std::string protocol_text(std::string_view datatype, const Shape& shape);
std::string protocol_text(const TensorType& type);

/// Returns a shape in JSON: "[1,3,224,224]".
std::string shape_text(const Shape& shape);

}  // namespace offcut::runtime
