#pragma once

#include "models/ops/indices.h"

namespace offcut::ops {

/// Index tuples of GatherND and ScatterND: the last axis of the indices names a place along
/// `length` axes of a tensor, from axis `first` on. The axes after them form a block that is copied
/// as a whole.
struct IndexTuples {
  std::size_t first = 0;
  std::size_t length = 0;
  std::int64_t count = 0;  // Number of tuples.
  std::int64_t block = 0;  // Elements.

  /// Returns the offset of each tuple's block in the tensor, within the axes from `first` on.
  /// Throws std::invalid_argument if an index is out of range.
  std::vector<std::int64_t> offsets(const Shape& x, const Tensor& indices) const;
};

/// Throws std::invalid_argument if the indices (input 1) do not fit x.
IndexTuples index_tuples(const Call& call, const Shape& x, std::size_t first);

}  // namespace offcut::ops
