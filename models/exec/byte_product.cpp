// A product of rows of bytes with constant weights on AVX2. Four bytes of a row are repeated in a
// register and multiplied by the weights of 32 filters; the sums of three rows stay in registers
// while the weights of a block are read once.

#include "models/exec/byte_product.h"

#include <cmath>
#include <cstring>
#include <numeric>

namespace offcut::exec {
namespace {

std::int64_t filter_blocks(std::int64_t filters) { return (filters + kByteBlock - 1) / kByteBlock; }

}  // namespace

bool fits_byte_lanes(const ByteResults& results, std::span<const std::int8_t> weights,
                     std::int64_t taps) {
#ifdef __AVX2__
  constexpr int kMostWeight = 64;
  constexpr double kMostResult = 1U << 30U;
  const double most_sum = 2 * 255.0 * kMostWeight * static_cast<double>(taps);
  for (std::size_t i = 0; i < results.factors.size(); ++i) {
    // A NaN is not less either.
    if (!(std::abs(results.factors[i]) * most_sum + std::abs(results.offsets[i]) < kMostResult)) {
      return false;
    }
  }
  return most_sum < kMostResult && std::all_of(weights.begin(), weights.end(), [](std::int8_t w) {
           return -kMostWeight <= w && w <= kMostWeight;
         });
#else
  return results.factors.empty() && weights.empty() && taps < 0;
#endif
}

bool ByteProductKernel::fits(const ByteProduct& own) {
  return own.depth % kByteTaps == 0 && fits_byte_lanes(own.results, own.weights, own.depth);
}

ByteProductKernel::ByteProductKernel(const ByteProduct& own)
    : depth_(own.depth),
      filters_(own.filters),
      weights_(static_cast<std::size_t>(filter_blocks(filters_) * kByteBlock * depth_)),
      results_(own.results, static_cast<std::size_t>(filter_blocks(filters_) * kByteBlock)) {
  for (std::int64_t filter = 0; filter < filters_; ++filter) {
    const std::int64_t block = filter / kByteBlock;
    const std::int64_t place = sum_place(filter % kByteBlock);
    const std::int8_t* const from = own.weights.data() + filter * depth_;
    results_.place(static_cast<std::size_t>(block * kByteBlock + place), own.results,
                   static_cast<std::size_t>(filter),
                   -std::int32_t{own.zero} * std::accumulate(from, from + depth_, std::int32_t{0}));
    for (std::int64_t k = 0; k < depth_; ++k) {
      const std::int64_t four = (block * depth_ + k / kByteTaps * kByteTaps) / kByteTaps;
      weights_[static_cast<std::size_t>((four * kByteBlock + place) * kByteTaps + k % kByteTaps)] =
          from[k];
    }
  }
}

void ByteProductKernel::run(const std::uint8_t* x, std::byte* y, std::int64_t rows) const {
  for (std::int64_t block = 0; block < filter_blocks(filters_); ++block) {
    compute_block(x, block, y, rows);
  }
}

#ifdef __AVX2__

template <std::size_t rows>
void ByteProductKernel::compute_rows(const std::uint8_t* x, std::int64_t block,
                                     std::byte* y) const {
  const BlockFinish finish(results_, block);
  const std::int8_t* w = weights_.data() + block * kByteBlock * depth_;
  const __m256i ones = _mm256_set1_epi16(1);
  std::array<BlockSums, rows> sums;
  sums.fill(finish.starts());
  for (std::int64_t k = 0; k < depth_; k += kByteTaps, w += kByteWeights) {
    for (std::size_t row = 0; row < rows; ++row) {
      std::int32_t four = 0;
      std::memcpy(&four, x + static_cast<std::int64_t>(row) * depth_ + k, sizeof(four));
      const __m256i bytes = _mm256_set1_epi32(four);
      for (std::size_t part = 0; part < kByteTaps; ++part) {
        add_products(bytes, w + part * kByteBlock, sums[row][part], ones);
      }
    }
  }
  const std::int64_t channel = block * kByteBlock;
  const std::int64_t count = std::min(kByteBlock, filters_ - channel);
  for (std::size_t row = 0; row < rows; ++row) {
    std::byte* const to = y + static_cast<std::int64_t>(row) * filters_ + channel;
    if (count == kByteBlock) {
      store_bytes(finish(sums[row]), to);
    } else {
      std::array<std::byte, kByteBlock> part{};
      store_bytes(finish(sums[row]), part.data());
      std::copy_n(part.begin(), count, to);
    }
  }
}

void ByteProductKernel::compute_block(const std::uint8_t* x, std::int64_t block, std::byte* y,
                                      std::int64_t rows) const {
  constexpr std::int64_t kRows = 3;
  std::int64_t row = 0;
  for (; row + kRows <= rows; row += kRows) {
    compute_rows<kRows>(x + row * depth_, block, y + row * filters_);
  }
  for (; row < rows; ++row) {
    compute_rows<1>(x + row * depth_, block, y + row * filters_);
  }
}

#else

void ByteProductKernel::compute_block(const std::uint8_t*, std::int64_t, std::byte*,
                                      std::int64_t) const {}

#endif

}  // namespace offcut::exec
