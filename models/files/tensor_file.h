#pragma once

#include <string>

#include "models/graph/tensor.h"

namespace offcut::files {

/// Reads a tensor from a NumPy array (.npy) or a serialised ONNX tensor (.pb), depending on the
/// file's ending. Throws InputError with the path.
Tensor read_tensor(const std::string& path);

/// Writes a tensor in the format that the path's ending names. An ONNX tensor gets `name`.
/// REQUIRES: the ending is .npy or .pb.
void write_tensor(const Tensor& tensor, const std::string& name, const std::string& path);

}  // namespace offcut::files
