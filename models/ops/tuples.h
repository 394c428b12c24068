#pragma once

#include "models/ops/indices.h"

namespace offcut::ops {

/// Index tuples of GatherND and ScatterND: the last axis of the indices names a place along
/// `length` axes of a tensor, from axis `first` on; the axes behind are a block that goes as a
/// whole.
struct IndexTuples {
  std::size_t first = 0;
  std::size_t length = 0;
  std::int64_t count = 0;  // of tuples
  std::int64_t block = 0;  // elements

  /// Where in the tensor each tuple's block begins, before the axes up to `first` are counted.
  /// Throws std::invalid_argument where an index is out of range.
  std::vector<std::int64_t> offsets(const Shape& x, const Tensor& indices) const;
};

/// Throws std::invalid_argument where the indices (input 1) do not fit x.
IndexTuples index_tuples(const Call& call, const Shape& x, std::size_t first);

}  // namespace offcut::ops
