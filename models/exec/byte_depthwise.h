#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/exec/byte_lanes.h"
#include "models/ops/window.h"

namespace offcut::exec {

/// A convolution of uint8 in which each channel has a filter of its own. The channels of a place
/// lie side by side. The sum is that of (x - zero) * w over the window; padding reads `zero`.
struct ByteDepthwise {
  std::int64_t images = 1;
  std::int64_t channels = 0;
  ops::WindowAxis rows, columns;
  std::uint8_t zero = 0;
  std::vector<std::int8_t> weights;  // Channels x rows x columns.
  ByteResults results;
};

/// The same, laid out for AVX2.
class ByteDepthwiseKernel {
 public:
  /// Returns whether the kernel computes it: fits_byte_lanes(), and there are at least 32 channels.
  static bool fits(const ByteDepthwise& own);

  /// REQUIRES: fits().
  explicit ByteDepthwiseKernel(const ByteDepthwise& own);

  std::size_t weight_bytes() const { return weights_.size(); }
  std::size_t scratch_bytes() const;

  /// Returns the number of rows of the result, in all images.
  std::int64_t rows() const { return images_ * rows_.out; }

  /// Computes the rows from `first` to before `last`. `scratch` has scratch_bytes() of any content;
  /// it, x and y do not overlap.
  void run(const std::uint8_t* x, std::byte* y, std::byte* scratch, std::int64_t first,
           std::int64_t last) const;

 private:
  std::int64_t read_columns() const;
  void weave_row(const std::uint8_t* image, std::int64_t row, std::int64_t channel,
                 std::byte* to) const;
  void compute_row(const std::byte* woven, std::int64_t block, std::byte* y) const;

  std::int64_t images_, channels_;
  ops::WindowAxis rows_, columns_;
  std::uint8_t zero_;
  std::int64_t groups_;               // Of four rows of the window.
  std::vector<std::int8_t> weights_;  // Block, column, group: four taps of each of 32 channels.
  PlacedResults results_;             // The last block overlaps the one before if it is not full.
};

}  // namespace offcut::exec
