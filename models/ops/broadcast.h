#pragma once

#include "models/ops/walk.h"

namespace offcut::ops {

/// numpy's broadcasting of two shapes: they are aligned at the last axis, and an extent of 1 (or a
/// missing axis) is repeated to the other's extent.
class Broadcast {
 public:
  /// Throws std::invalid_argument if the shapes do not fit or the result would be too large.
  /// REQUIRES: a and b are valid.
  Broadcast(const Shape& a, const Shape& b);

  const Shape& shape() const { return shape_; }

  /// Calls run(offset in a, offset in b, offset in the result, length) for runs that cover the
  /// result in order. Within a run, a and b move on by a_step() and b_step() elements (0 or 1).
  template <class F>
  void for_each_run(F run) const {
    std::int64_t out = 0;
    walk_.for_each_run([&](const Walk<2>::Offsets& offsets, std::int64_t length) {
      run(offsets[0], offsets[1], out, length);
      out += length;
    });
  }
  std::int64_t a_step() const { return walk_.step()[0]; }
  std::int64_t b_step() const { return walk_.step()[1]; }

 private:
  Shape shape_;
  Walk<2> walk_;
};

}  // namespace offcut::ops
