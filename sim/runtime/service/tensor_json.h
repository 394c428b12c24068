#pragma once

#include <string>

#include "models/graph/tensor.h"
#include "sim/runtime/service/json_cursor.h"

namespace offcut::runtime {

/// Reads a tensor's "data": a flat array of all elements, row by row, or arrays nested like the
/// shape. Each number is rounded once to the element type. Throws RequestError (400) that names
/// `subject` and the element.
Tensor read_data(JsonCursor& cursor, const TensorType& type, const std::string& subject);

/// Appends a tensor's elements as a flat array, each in the fewest digits that read_data() reads
/// back to the same value. Throws RequestError (400) for floats of 16 bits and for values that are
/// not finite, which JSON can't carry.
void write_data(const Tensor& tensor, const std::string& subject, std::string& text);

}  // namespace offcut::runtime
