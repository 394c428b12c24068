#pragma once

#include <cstdint>

#include "models/ops/arguments.h"

namespace offcut::ops {

/// The lines of a row-major tensor along one axis: `extent` elements, `step` apart.
struct Lines {
  std::int64_t outer, extent, step;

  /// Calls f(offset of the first element) for each line, in row-major order of the other axes.
  template <class F>
  void for_each(F f) const {
    for (std::int64_t o = 0; o < outer; ++o) {
      for (std::int64_t i = 0; i < step; ++i) {
        f(o * extent * step + i);
      }
    }
  }
};

inline Lines lines_along(const Shape& shape, std::size_t axis) {
  return {extent_between(shape, 0, axis), shape[axis],
          extent_between(shape, axis + 1, shape.size())};
}

}  // namespace offcut::ops
