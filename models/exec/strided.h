#pragma once

#include <optional>

#include "models/exec/schedule.h"

namespace offcut::exec {

/// The place of a float32 tensor's elements in a buffer: element (i, j, ..) is at offset + i
/// steps[0] + j steps[1] + ... A transposed tensor, or a part of one, need not be copied.
struct Strided {
  BufferId buffer = 0;
  std::int64_t offset = 0;          // Elements.
  std::vector<std::int64_t> steps;  // Elements, one step for each axis.
  bool whole = true;                // The buffer holds nothing else.
};

/// Returns whether the buffer holds the elements row by row, and nothing else.
bool is_dense(const Shape& shape, const Strided& view);

/// Returns the same elements under another shape, or none if they would have to be moved.
/// REQUIRES: both shapes have the same number of elements.
std::optional<Strided> reshaped(const Shape& shape, const Strided& view, const Shape& to);

/// Copies the elements to `to`, row by row.
void copy_dense(const Shape& shape, const Strided& view, const float* from, float* to);

}  // namespace offcut::exec
