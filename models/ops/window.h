#pragma once

#include <vector>

#include "models/ops/operator.h"

namespace offcut {

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
};

/// The axes of a sliding window from ONNX's attributes kernel_shape (or `kernel`, where not empty),
/// strides, dilations, pads, auto_pad and ceil_mode. `spatial` are the input's extents behind N and
/// C. Throws std::invalid_argument for attributes of the wrong length or out of range, and where
/// the window does not fit into the input.
std::vector<WindowAxis> window_axes(const Call& call, std::span<const std::int64_t> spatial,
                                    std::span<const std::int64_t> kernel);

}  // namespace offcut
