#pragma once

#include "models/ops/pooling.h"
#include "models/train/floats.h"
#include "models/train/gradient.h"

namespace offcut::train {

/// One window of a pooling: its place in the plane of results, and the taps inside the input.
struct PoolingWindow {
  std::array<std::int64_t, 3> at;
  std::array<ops::TapRange, 3> taps;
};

/// Calls f(PoolingWindow, place of the result in its plane) for each window of a plane.
template <class F>
void for_each_window(const ops::Pooling& p, F f) {
  const auto& [depth, rows, columns] = p.axes;
  std::int64_t out = 0;
  for (std::int64_t d = 0; d < depth.out; ++d) {
    for (std::int64_t r = 0; r < rows.out; ++r) {
      for (std::int64_t c = 0; c < columns.out; ++c, ++out) {
        f(PoolingWindow{{d, r, c},
                        {depth.taps_inside(d), rows.taps_inside(r), columns.taps_inside(c)}},
          out);
      }
    }
  }
}

/// Calls f(place in the input's plane) for each element of a window, in order.
template <class F>
void for_each_tap(const ops::Pooling& p, const PoolingWindow& window, F f) {
  const auto& [depth, rows, columns] = p.axes;
  for (std::int64_t kd = window.taps[0].first; kd < window.taps[0].last; ++kd) {
    const std::int64_t plane = depth.position(window.at[0], kd) * rows.in;
    for (std::int64_t kr = window.taps[1].first; kr < window.taps[1].last; ++kr) {
      const std::int64_t row = (plane + rows.position(window.at[1], kr)) * columns.in;
      for (std::int64_t kc = window.taps[2].first; kc < window.taps[2].last; ++kc) {
        f(row + columns.position(window.at[2], kc));
      }
    }
  }
}

/// The gradient of a pooling: calls f(p, x, y's slopes, dx) for each plane. `reads` says whether x
/// is read.
template <bool reads, class F>
std::vector<Tensor> pooling_backward(const Backward& b, F f) {
  const ops::Pooling p = ops::pooling_of(b.call);
  const std::int64_t in = p.axes[0].in * p.axes[1].in * p.axes[2].in;
  const std::int64_t out = p.axes[0].out * p.axes[1].out * p.axes[2].out;
  std::vector<Tensor> all(b.inputs.size());
  all[0] = Tensor(TensorType{b.type(), b.call.shape(0)});
  with_float(b.type(), [&](auto zero) {
    using T = decltype(zero);
    const T* const x = reads ? elements_of<T>(b.inputs[0]) : nullptr;
    const T* const dy = elements_of<T>(b.slopes[0]);
    T* const dx = elements_of<T>(all[0]);
    for (std::int64_t plane = 0; plane < p.planes; ++plane) {
      f(p, reads ? x + plane * in : nullptr, dy + plane * out, dx + plane * in);
    }
  });
  return all;
}

}  // namespace offcut::train
