#pragma once

#include <string>

#include "models/graph/tensor.h"

namespace offcut::files {

/// Reads a NumPy array file (.npy, format versions 1 to 3). Either byte order; an array in Fortran
/// order is brought into C order. Throws InputError, naming the file, where it is no such file, is
/// cut short or too long, or has an element type that tensors can't have.
Tensor read_npy(const std::string& path);

/// Writes a NumPy array file, C order, in this machine's byte order. Throws InputError where the
/// file cannot be written.
void write_npy(const Tensor& tensor, const std::string& path);

}  // namespace offcut::files
