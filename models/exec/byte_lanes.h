#pragma once

#include <algorithm>
#include <array>
#include <cstddef>

#include "models/exec/byte_results.h"

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace offcut::exec {

// The common part of our own kernels on bytes. A block of 32 channels has its sums in four
// registers. For each of them, four bytes of one channel lie side by side and are multiplied by four
// weights.

inline constexpr std::int64_t kByteBlock = 32;  // Channels.
inline constexpr std::int64_t kByteTaps = 4;    // Bytes side by side, and registers of sums.
inline constexpr std::size_t kByteSums = 8;     // Sums in a register.
inline constexpr std::size_t kByteWeights = kByteBlock * kByteTaps;

/// Returns the place of a channel's sum in its block: packing the sums to bytes within the halves
/// of registers restores the channels' order.
inline std::int64_t sum_place(std::int64_t channel) {
  constexpr std::int64_t kHalf = kByteBlock / 2;
  const std::int64_t in_half = channel % kHalf;
  return in_half / kByteTaps * 2 * kByteTaps + channel / kHalf * kByteTaps + in_half % kByteTaps;
}

/// Results with the sums' places instead of channels, and what each sum begins with.
struct PlacedResults {
  std::vector<std::int32_t> starts;
  std::vector<float> factors, offsets;
  int zero, low, high;
  bool makes_unsigned;

  PlacedResults(const ByteResults& results, std::size_t places)
      : starts(places),
        factors(places),
        offsets(places),
        zero(results.zero),
        low(results.low),
        high(results.high),
        makes_unsigned(results.makes_unsigned) {}

  void place(std::size_t at, const ByteResults& results, std::size_t channel, std::int32_t start) {
    starts[at] = start;
    factors[at] = results.factors[channel];
    offsets[at] = results.offsets[channel];
  }
};

#ifdef __AVX2__

using WideBytes [[gnu::vector_size(32)]] = long long;  // An __m256i that a template may hold.
using BlockSums = std::array<WideBytes, kByteTaps>;

inline __m256i load_bytes(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

inline void store_bytes(__m256i bytes, void* to) {
  _mm256_storeu_si256(static_cast<__m256i*>(to), bytes);
}

/// Makes bytes of the sums of one block.
class BlockFinish {
 public:
  BlockFinish(const PlacedResults& results, std::int64_t block)
      : starts_(results.starts.data() + block * kByteBlock),
        factors_(results.factors.data() + block * kByteBlock),
        offsets_(results.offsets.data() + block * kByteBlock),
        zero_(_mm256_set1_epi16(static_cast<std::int16_t>(results.zero))),
        low_(_mm256_set1_epi8(static_cast<char>(results.low))),
        high_(_mm256_set1_epi8(static_cast<char>(results.high))),
        makes_unsigned_(results.makes_unsigned) {}

  BlockSums starts() const {
    return {load_bytes(starts_), load_bytes(starts_ + kByteSums),
            load_bytes(starts_ + 2 * kByteSums), load_bytes(starts_ + 3 * kByteSums)};
  }

  __m256i operator()(const BlockSums& sums) const {
    const __m256i first = half(sums[0], sums[1], 0);
    const __m256i second = half(sums[2], sums[3], 2 * kByteSums);
    return makes_unsigned_
               ? _mm256_min_epu8(_mm256_max_epu8(_mm256_packus_epi16(first, second), low_), high_)
               : _mm256_min_epi8(_mm256_max_epi8(_mm256_packs_epi16(first, second), low_), high_);
  }

 private:
  __m256i rounded(__m256i sums, std::size_t lane) const {
    return _mm256_cvtps_epi32(_mm256_fmadd_ps(_mm256_cvtepi32_ps(sums),
                                              _mm256_loadu_ps(factors_ + lane),
                                              _mm256_loadu_ps(offsets_ + lane)));
  }
  __m256i half(__m256i a, __m256i b, std::size_t lane) const {
    return _mm256_adds_epi16(_mm256_packs_epi32(rounded(a, lane), rounded(b, lane + kByteSums)),
                             zero_);
  }

  const std::int32_t* starts_;
  const float* factors_;
  const float* offsets_;
  __m256i zero_, low_, high_;
  bool makes_unsigned_;
};

/// Adds the products of four bytes of each channel by four weights.
inline void add_products(const __m256i& x, const std::int8_t* weights, WideBytes& sums,
                         __m256i ones) {
  sums =
      _mm256_add_epi32(sums, _mm256_madd_epi16(_mm256_maddubs_epi16(x, load_bytes(weights)), ones));
}

#endif

}  // namespace offcut::exec
