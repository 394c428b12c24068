#pragma once

#include <algorithm>
#include <array>

#include "models/ops/window.h"

namespace offcut::ops {

/// Sizes of one convolution over up to three spatial axes. Axes that the input does not have come
/// first, with one position.
struct Convolution {
  std::int64_t batch, groups, in_channels, out_channels;  // Channels per group.
  std::array<WindowAxis, 3> axes;                         // Depth, rows, columns.

  std::int64_t product(std::int64_t WindowAxis::*extent) const {
    return axes[0].*extent * axes[1].*extent * axes[2].*extent;
  }
  std::int64_t in_plane() const { return product(&WindowAxis::in); }
  std::int64_t out_plane() const { return product(&WindowAxis::out); }
  std::int64_t taps() const { return product(&WindowAxis::kernel); }

  /// Returns whether each group has one channel in and one out.
  bool is_depthwise() const { return in_channels == 1 && out_channels == 1; }
};

/// Returns the convolution of input x by weights w with the call's attributes. Throws
/// std::invalid_argument if they do not fit.
/// REQUIRES: the shapes are valid.
Convolution convolution_of(const Call& call, const Shape& x, const Shape& w);

/// Returns the output's type. `rank` is the input's.
TensorType convolved_type(const Convolution& g, DataType type, std::size_t rank);

LayerKind convolution_kind(const Convolution& g);
double convolution_macs(const Convolution& g, std::span<const TensorType> outputs);

/// Returns whether this is a 1x1 convolution with stride 1. It needs no im2col, as the input
/// already is the matrix of columns.
bool reads_each_position_once(const Convolution& g);

/// Returns the range of out positions [first, last) whose tap k lies inside the input.
std::pair<std::int64_t, std::int64_t> positions_inside(const WindowAxis& axis, std::int64_t k);

/// Calls line(tap, out, in, count) for each line of out positions and each tap that reads inside
/// the input there: out position `out` + i reads input position `in` + i * stride of the last axis,
/// for i < count. Taps and positions count through the three axes, row-major.
template <class F>
void for_each_line(const Convolution& g, F line) {
  const auto& [depth, rows, columns] = g.axes;
  std::int64_t tap = 0;
  for (std::int64_t kd = 0; kd < depth.kernel; ++kd) {
    const auto [first_depth, last_depth] = positions_inside(depth, kd);
    for (std::int64_t kr = 0; kr < rows.kernel; ++kr) {
      const auto [first_row, last_row] = positions_inside(rows, kr);
      for (std::int64_t kc = 0; kc < columns.kernel; ++kc, ++tap) {
        const auto [first, last] = positions_inside(columns, kc);
        for (std::int64_t d = first_depth; first < last && d < last_depth; ++d) {
          for (std::int64_t r = first_row; r < last_row; ++r) {
            const std::int64_t in_line = depth.position(d, kd) * rows.in + rows.position(r, kr);
            line(tap, (d * rows.out + r) * columns.out + first,
                 in_line * columns.in + columns.position(first, kc), last - first);
          }
        }
      }
    }
  }
}

/// Fills the matrix of columns: row (c, tap) of `to` (in_channels * taps rows of out_plane
/// elements) holds, for each out position, the element of x that the tap reads; zero for padding.
template <class T>
void im2col(const Convolution& g, const T* x, T* to) {
  std::fill_n(to, g.in_channels * g.taps() * g.out_plane(), T{0});
  const std::int64_t stride = g.axes[2].stride;
  for (std::int64_t c = 0; c < g.in_channels; ++c) {
    for_each_line(g, [&](std::int64_t tap, std::int64_t out, std::int64_t in, std::int64_t count) {
      T* const row = to + tap * g.out_plane() + out;
      const T* const from = x + in;
      for (std::int64_t i = 0; i < count; ++i) {
        row[i] = from[i * stride];
      }
    });
    x += g.in_plane();
    to += g.taps() * g.out_plane();
  }
}

}  // namespace offcut::ops
