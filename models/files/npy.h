#pragma once

#include <string>

#include "models/graph/tensor.h"

namespace offcut::files {

/// Reads a NumPy array file (.npy, format versions 1 to 3) in either byte order, and brings an
/// array in Fortran order into C order. Throws InputError with the path if it is not such a file,
/// is truncated or too long, or has an element type that tensors can't have.
Tensor read_npy(const std::string& path);

/// Writes a NumPy array file in C order and this machine's byte order. Throws InputError if the
/// file can't be written.
void write_npy(const Tensor& tensor, const std::string& path);

}  // namespace offcut::files
