#pragma once

#include <vector>

#include "models/ops/operator.h"

namespace offcut::ops {

/// Taps from `first` to `last` - 1.
struct TapRange {
  std::int64_t first, last;
};

/// One spatial axis of a convolution or pooling, with the places of its windows. Out position o and
/// tap k read input position o * stride + k * dilation - pad_begin; positions outside [0, in) are
/// padding.
struct WindowAxis {
  std::int64_t in = 0;
  std::int64_t out = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t pad_begin = 0;
  std::int64_t pad_end = 0;

  /// Returns the number of positions that a window spans.
  std::int64_t extent() const { return (kernel - 1) * dilation + 1; }

  /// Returns the input position that tap k of the window at o reads.
  std::int64_t position(std::int64_t o, std::int64_t k) const {
    return o * stride + k * dilation - pad_begin;
  }

  /// Returns the taps of the window at o that read the input and not padding.
  TapRange taps_inside(std::int64_t o) const;

  /// Returns how many taps of the window at o read the input, or (`with_padding`) the input or its
  /// padding. A last window may reach beyond the padding, too.
  double count(std::int64_t o, bool with_padding) const;

 private:
  /// Returns how many taps of the window at o read positions before `end`.
  std::int64_t taps_before(std::int64_t o, std::int64_t end) const;
};

/// Returns the axes of a sliding window from ONNX's attributes kernel_shape (or `kernel`, if not
/// empty), strides, dilations, pads, auto_pad and ceil_mode. With ceil_mode, a last window that
/// would start after the input and its padding in front is dropped, as ONNX specifies from opset 19
/// on and other tools have done before. `spatial` are the input's extents after N and C. Throws
/// std::invalid_argument for attributes of the wrong length or out of range, and if the window does
/// not fit into the input.
std::vector<WindowAxis> window_axes(const Call& call, std::span<const std::int64_t> spatial,
                                    std::span<const std::int64_t> kernel);

/// Returns the axes of a transposed window, which are those of a convolution that reads the output
/// and writes the input: `in` is the output's extent and `out` the input's, which `spatial` gives.
/// Reads ONNX's attributes strides, dilations, pads, auto_pad, output_padding and output_shape.
/// Throws as window_axes does.
std::vector<WindowAxis> transposed_window_axes(const Call& call,
                                               std::span<const std::int64_t> spatial,
                                               std::span<const std::int64_t> kernel);

}  // namespace offcut::ops
