#pragma once

#include <string>
#include <string_view>

#include "models/graph/tensor.h"

namespace offcut::files {

/// The contents of the header of a .npy file.
struct NpyHeader {
  std::string descr;  // Byte order, kind and bytes of an element: "<f4".
  bool fortran_order = false;
  Shape shape;
};

/// Parses "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }": a Python dictionary with
/// these three keys, in any order. Throws std::invalid_argument for any other text.
NpyHeader parse_npy_header(std::string_view text);

}  // namespace offcut::files
