#pragma once

#include "models/graph/graph.h"

namespace offcut {

/// Returns the value of a parameter. A MemoryError gets the tensor's name.
/// REQUIRES: tensor.is_parameter().
const Tensor& parameter_value(const TensorNode& tensor);

/// Returns the same for a single use: see Parameter::read().
Tensor read_parameter(const TensorNode& tensor);

}  // namespace offcut
