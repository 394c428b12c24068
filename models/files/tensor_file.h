#pragma once

#include <string>

#include "models/graph/tensor.h"

namespace offcut::files {

/// Reads a tensor from a NumPy array (.npy) or a serialised ONNX tensor (.pb); the file's ending
/// says which. Throws InputError, naming the file.
Tensor read_tensor(const std::string& path);

/// Writes it in the format that the path's ending names. An ONNX tensor carries `name`.
/// REQUIRES: the ending is one of the two.
void write_tensor(const Tensor& tensor, const std::string& name, const std::string& path);

}  // namespace offcut::files
