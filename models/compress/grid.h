#pragma once

#include <cstddef>
#include <vector>

#include "models/graph/tensor.h"

namespace offcut::compress {

/// Even steps: an element is (integer - zero point) * scale, in float32, as ONNX's DequantizeLinear
/// computes it. The numbers are those of the tensor, or of each channel.
struct Grid {
  int lowest = -127;  // The integers.
  int highest = 127;
  std::size_t axis = 0;          // Of the channels.
  std::vector<float> scales;     // One, or one per channel.
  std::vector<int> zero_points;  // As many.

  bool is_per_channel() const { return scales.size() > 1; }
};

/// Returns the nearest integers (halves away from 0) as int32. REQUIRES: `values` is float32 and
/// finite, and has as many channels as the grid; so for all functions here.
Tensor integers_on(const Grid& grid, const Tensor& values);

/// Returns the elements that these integers stand for.
Tensor values_of(const Grid& grid, const Tensor& integers);

/// Returns the nearest elements of the grid. Rounding twice gives the same bits as once.
Tensor rounded_to(const Grid& grid, const Tensor& values);

/// How a grid is laid over a tensor.
struct GridChoice {
  int bits = 8;
  std::vector<std::size_t> channel_axis = {};  // Empty: one grid for the whole tensor.
  bool symmetric = true;       // Zero point 0, 2^bits - 1 levels; else the range is that of the
                               // elements and 0, with 2^bits levels.
  bool least_squares = false;  // The scale that gives the least squared error; else nothing is
                               // clipped.
};
Grid grid_for(const Tensor& values, const GridChoice& choice);

}  // namespace offcut::compress
