#pragma once

#include <array>
#include <cstdint>
#include <vector>

#include "models/graph/tensor.h"

namespace offcut::ops {

/// One axis of a walk over N tensors at once: its number of places, and for each tensor the
/// distance in elements between neighbouring places.
template <std::size_t N>
struct WalkAxis {
  std::int64_t extent = 1;
  std::array<std::int64_t, N> step{};
};

/// Returns the elements between neighbours along each axis of a row-major tensor.
inline std::vector<std::int64_t> row_major_steps(const Shape& shape) {
  std::vector<std::int64_t> steps(shape.size());
  std::int64_t step = 1;
  for (std::size_t i = shape.size(); i-- > 0;) {
    steps[i] = step;
    step *= shape[i];
  }
  return steps;
}

/// A walk over N tensors in row-major order of the axes, in runs: the innermost axis is one loop
/// that the caller writes. Axes of one place are skipped, and neighbouring axes that every tensor
/// walks through without a gap count as one, so runs are as long as possible.
template <std::size_t N>
class Walk {
 public:
  using Offsets = std::array<std::int64_t, N>;

  explicit Walk(const std::vector<WalkAxis<N>>& axes) {
    for (const WalkAxis<N>& axis : axes) {
      if (axis.extent == 1) {
        continue;
      }
      if (!axes_.empty() && continues(axes_.back(), axis)) {
        axes_.back() = {axes_.back().extent * axis.extent, axis.step};
      } else {
        axes_.push_back(axis);
      }
    }
    if (!axes_.empty()) {
      run_ = axes_.back();
      axes_.pop_back();
    }
  }

  /// Returns how far each tensor moves on within a run.
  const Offsets& step() const { return run_.step; }

  /// Calls run(offsets, length) for all runs.
  template <class F>
  void for_each_run(F run) const {
    std::vector<std::int64_t> index(axes_.size(), 0);
    Offsets offsets{};
    bool more = !empty();
    while (more) {
      run(offsets, run_.extent);
      more = advance(index, offsets);
    }
  }

 private:
  static bool continues(const WalkAxis<N>& outer, const WalkAxis<N>& inner) {
    for (std::size_t t = 0; t < N; ++t) {
      if (outer.step[t] != inner.step[t] * inner.extent) {
        return false;
      }
    }
    return true;
  }

  bool empty() const {
    bool empty = run_.extent == 0;
    for (const WalkAxis<N>& axis : axes_) {
      empty = empty || axis.extent == 0;
    }
    return empty;
  }

  /// Moves to the next run; returns false after the last.
  bool advance(std::vector<std::int64_t>& index, Offsets& offsets) const {
    for (std::size_t i = axes_.size(); i-- > 0;) {
      const bool wraps = ++index[i] == axes_[i].extent;
      const std::int64_t places = wraps ? 1 - axes_[i].extent : 1;
      for (std::size_t t = 0; t < N; ++t) {
        offsets[t] += places * axes_[i].step[t];
      }
      if (!wraps) {
        return true;
      }
      index[i] = 0;
    }
    return false;
  }

  std::vector<WalkAxis<N>> axes_;  // Outermost first, without the run.
  WalkAxis<N> run_;
};

}  // namespace offcut::ops
