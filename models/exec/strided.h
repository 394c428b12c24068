#pragma once

#include <optional>

#include "models/exec/schedule.h"

namespace offcut::exec {

/// Where the elements of a float32 tensor lie in a buffer: element (i, j, ..) at
/// offset + i steps[0] + j steps[1] + ... A transposed tensor, or a part of one, need not be
/// copied.
struct Strided {
  BufferId buffer = 0;
  std::int64_t offset = 0;          // elements
  std::vector<std::int64_t> steps;  // elements, one for each axis
  bool whole = true;                // the buffer holds nothing else
};

/// Whether the buffer holds the elements row by row, and nothing else.
bool is_dense(const Shape& shape, const Strided& view);

/// The same elements under another shape; none where they would have to be moved.
/// REQUIRES: both shapes have the same number of elements.
std::optional<Strided> reshaped(const Shape& shape, const Strided& view, const Shape& to);

/// Copies the elements to `to`, row by row.
void copy_dense(const Shape& shape, const Strided& view, const float* from, float* to);

}  // namespace offcut::exec
