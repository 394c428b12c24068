#pragma once

#include <string>
#include <string_view>

#include "models/graph/tensor.h"

namespace offcut::files {

/// What the header of a .npy file says.
struct NpyHeader {
  std::string descr;  // byte order, kind and bytes of an element: "<f4"
  bool fortran_order = false;
  Shape shape;
};

/// Parses "{'descr': '<f4', 'fortran_order': False, 'shape': (2, 3), }": a Python dictionary of
/// these three keys, in any order. Throws std::invalid_argument where it is anything else.
NpyHeader parse_npy_header(std::string_view text);

}  // namespace offcut::files
