#pragma once

#include <cstdint>
#include <span>
#include <vector>

namespace offcut::exec {

/// How exact sums of products of bytes become bytes: round(sum * factor + offset) + zero within the
/// limits, ties to even.
struct ByteResults {
  std::vector<float> factors, offsets;  // By channel.
  int zero = 0;
  int low = 0, high = 255;     // Integers of the result's type.
  bool makes_unsigned = true;  // The result is uint8, else int8.
};

/// Returns whether AVX2's sums of two products of a uint8 and a weight fit into 16 bits, results of
/// sums of `taps` products fit into 32 before the limits, and offcut was compiled for AVX2.
bool fits_byte_lanes(const ByteResults& results, std::span<const std::int8_t> weights,
                     std::int64_t taps);

}  // namespace offcut::exec
