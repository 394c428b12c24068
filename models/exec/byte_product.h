#pragma once

#include <cstddef>
#include <cstdint>
#include <vector>

#include "models/exec/byte_lanes.h"

namespace offcut::exec {

/// A product of rows of uint8 with constant weights, such as a convolution of one tap whose
/// channels lie side by side: the sum for a filter is that of (x - zero) * w over the depth.
struct ByteProduct {
  std::int64_t depth = 0;
  std::int64_t filters = 0;
  std::uint8_t zero = 0;
  std::vector<std::int8_t> weights;  // Filters x depth.
  ByteResults results;
};

/// The same, laid out for AVX2.
class ByteProductKernel {
 public:
  /// Returns whether the kernel computes it: fits_byte_lanes(), and the depth is a multiple of 4.
  static bool fits(const ByteProduct& own);

  /// REQUIRES: fits().
  explicit ByteProductKernel(const ByteProduct& own);

  std::size_t weight_bytes() const { return weights_.size(); }

  /// Computes `rows` rows of y from those of x.
  void run(const std::uint8_t* x, std::byte* y, std::int64_t rows) const;

 private:
  template <std::size_t rows>
  void compute_rows(const std::uint8_t* x, std::int64_t block, std::byte* y) const;
  void compute_block(const std::uint8_t* x, std::int64_t block, std::byte* y,
                     std::int64_t rows) const;

  std::int64_t depth_, filters_;
  std::vector<std::int8_t> weights_;  // Block, four of the depth: those of each of 32 filters.
  PlacedResults results_;
};

}  // namespace offcut::exec
