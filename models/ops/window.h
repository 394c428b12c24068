#pragma once

#include <vector>

#include "models/ops/operator.h"

namespace offcut::ops {

/// Taps from first to last - 1.
struct TapRange {
  std::int64_t first, last;
};

/// One spatial axis of a convolution or pooling: where its windows lie. Out position o and tap k
/// read input position o * stride + k * dilation - pad_begin; positions outside [0, in) are
/// padding.
struct WindowAxis {
  std::int64_t in = 0;
  std::int64_t out = 0;
  std::int64_t kernel = 1;
  std::int64_t stride = 1;
  std::int64_t dilation = 1;
  std::int64_t pad_begin = 0;
  std::int64_t pad_end = 0;

  /// How many positions a window spans.
  std::int64_t extent() const { return (kernel - 1) * dilation + 1; }

  /// What tap k of the window at o reads.
  std::int64_t position(std::int64_t o, std::int64_t k) const {
    return o * stride + k * dilation - pad_begin;
  }

  /// The taps of the window at o that read the input and not padding.
  TapRange taps_inside(std::int64_t o) const;

  /// How many taps of the window at o read the input, or (`with_padding`) the input or its padding.
  /// A last window may reach beyond the padding too.
  double count(std::int64_t o, bool with_padding) const;

 private:
  /// How many taps of the window at o read positions before `end`.
  std::int64_t taps_before(std::int64_t o, std::int64_t end) const;
};

/// The axes of a sliding window from ONNX's attributes kernel_shape (or `kernel`, where not empty),
/// strides, dilations, pads, auto_pad and ceil_mode. Under ceil_mode a last window that would start
/// behind the input and its padding in front is left out, as ONNX says from opset 19 on and what
/// others have done before. `spatial` are the input's extents behind N and
/// C. Throws std::invalid_argument for attributes of the wrong length or out of range, and where
/// the window does not fit into the input.
std::vector<WindowAxis> window_axes(const Call& call, std::span<const std::int64_t> spatial,
                                    std::span<const std::int64_t> kernel);

/// The axes of a transposed window, as of a convolution that reads the output and writes the input:
/// `in` is the output's extent and `out` the input's, which `spatial` gives. From ONNX's attributes
/// strides, dilations, pads, auto_pad, output_padding and output_shape. Throws as window_axes does.
std::vector<WindowAxis> transposed_window_axes(const Call& call,
                                               std::span<const std::int64_t> spatial,
                                               std::span<const std::int64_t> kernel);

}  // namespace offcut::ops
