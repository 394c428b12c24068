#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/ops/window.h"

namespace offcut::exec {

/// A convolution of uint8 in which each channel has a filter of its own. The channels of a place
/// lie side by side. A result is round(sum * factor + offset) + result_zero within the limits,
/// where the sum is that of (x - zero) * w over the window; padding reads `zero`.
struct ByteDepthwise {
  std::int64_t images = 1;
  std::int64_t channels = 0;
  ops::WindowAxis rows, columns;
  std::uint8_t zero = 0;
  std::vector<std::int8_t> weights;     // Channels x rows x columns.
  std::vector<float> factors, offsets;  // By channel.
  int result_zero = 0;
  int low = 0, high = 255;     // Integers of the result's type.
  bool makes_unsigned = true;  // The result is uint8, else int8.
};

/// The same, laid out for AVX2. Sums are exact integers; ties are rounded to even.
class ByteDepthwiseKernel {
 public:
  /// Returns whether the kernel computes it: offcut was compiled for AVX2, there are at least 32
  /// channels, weights lie between -64 and 64, so that sums of two products fit into 16 bits, and
  /// results before the limits fit into 32.
  static bool fits(const ByteDepthwise& own);

  /// REQUIRES: fits().
  explicit ByteDepthwiseKernel(const ByteDepthwise& own);

  std::size_t weight_bytes() const { return weights_.size(); }
  std::size_t scratch_bytes() const;

  /// `scratch` has scratch_bytes() of any content; it, x and y do not overlap.
  void run(const std::uint8_t* x, std::byte* y, std::byte* scratch) const;

 private:
  std::int64_t read_columns() const;
  void weave_row(const std::uint8_t* image, std::int64_t row, std::int64_t channel,
                 std::byte* to) const;
  void compute_row(const std::byte* woven, std::int64_t block, std::byte* y) const;

  std::int64_t images_, channels_;
  ops::WindowAxis rows_, columns_;
  std::uint8_t zero_;
  int result_zero_, low_, high_;
  bool makes_unsigned_;
  std::int64_t groups_;               // Of four rows of the window.
  std::vector<std::int8_t> weights_;  // Block, column, group: four taps of each of 32 channels.
  std::vector<std::int32_t> starts_;  // -zero * the sum of the channel's weights.
  std::vector<float> factors_, offsets_;
};

}  // namespace offcut::exec
