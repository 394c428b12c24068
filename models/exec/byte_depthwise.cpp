// A depthwise convolution of bytes on AVX2. For an output row and 32 channels, the rows that the
// window covers are interleaved in fours: four bytes of one channel become neighbours, which one
// pair of instructions multiplies by four weights and adds up. Each column that the row reads is
// interleaved once, and read from the first cache by all windows that cover it.

#include "models/exec/byte_depthwise.h"

#include <algorithm>
#include <array>
#include <numeric>

namespace offcut::exec {
namespace {

/// Returns the first channel of a block.
std::int64_t first_channel(std::int64_t block, std::int64_t channels) {
  return std::min(block * kByteBlock, channels - kByteBlock);
}

std::int64_t byte_blocks(std::int64_t channels) { return (channels + kByteBlock - 1) / kByteBlock; }

}  // namespace

bool ByteDepthwiseKernel::fits(const ByteDepthwise& own) {
  return own.channels >= kByteBlock &&
         fits_byte_lanes(own.results, own.weights, own.rows.kernel * own.columns.kernel);
}

ByteDepthwiseKernel::ByteDepthwiseKernel(const ByteDepthwise& own)
    : images_(own.images),
      channels_(own.channels),
      rows_(own.rows),
      columns_(own.columns),
      zero_(own.zero),
      groups_((own.rows.kernel + kByteTaps - 1) / kByteTaps),
      weights_(kByteWeights *
               static_cast<std::size_t>(byte_blocks(channels_) * columns_.kernel * groups_)),
      results_(own.results, static_cast<std::size_t>(byte_blocks(channels_) * kByteBlock)) {
  const auto taps = static_cast<std::size_t>(rows_.kernel * columns_.kernel);
  for (std::int64_t lane = 0; lane < byte_blocks(channels_) * kByteBlock; ++lane) {
    const std::int64_t block = lane / kByteBlock;
    const std::int64_t place = sum_place(lane % kByteBlock);
    const auto channel =
        static_cast<std::size_t>(first_channel(block, channels_) + lane % kByteBlock);
    const std::int8_t* const from = own.weights.data() + channel * taps;
    results_.place(static_cast<std::size_t>(block * kByteBlock + place), own.results, channel,
                   -std::int32_t{zero_} * std::accumulate(from, from + taps, std::int32_t{0}));
    for (std::int64_t column = 0; column < columns_.kernel; ++column) {
      for (std::int64_t row = 0; row < rows_.kernel; ++row) {
        const std::int64_t four = (block * columns_.kernel + column) * groups_ + row / kByteTaps;
        weights_[static_cast<std::size_t>((four * kByteBlock + place) * kByteTaps +
                                          row % kByteTaps)] = from[row * columns_.kernel + column];
      }
    }
  }
}

std::int64_t ByteDepthwiseKernel::read_columns() const {
  return (columns_.out - 1) * columns_.stride + columns_.extent();
}

std::size_t ByteDepthwiseKernel::scratch_bytes() const {
  return kByteWeights * static_cast<std::size_t>(read_columns() * groups_);
}

void ByteDepthwiseKernel::run(const std::uint8_t* x, std::byte* y, std::byte* scratch,
                              std::int64_t first, std::int64_t last) const {
  for (std::int64_t i = first; i < last; ++i) {
    const std::uint8_t* const image = x + i / rows_.out * rows_.in * columns_.in * channels_;
    for (std::int64_t block = 0; block < byte_blocks(channels_); ++block) {
      const std::int64_t channel = first_channel(block, channels_);
      weave_row(image, i % rows_.out, channel, scratch);
      compute_row(scratch, block, y + i * columns_.out * channels_ + channel);
    }
  }
}

#ifdef __AVX2__

namespace {

/// Interleaves four rows of 32 bytes.
void weave(__m256i a, __m256i b, __m256i c, __m256i d, std::byte* to) {
  const __m256i low_ab = _mm256_unpacklo_epi8(a, b);
  const __m256i high_ab = _mm256_unpackhi_epi8(a, b);
  const __m256i low_cd = _mm256_unpacklo_epi8(c, d);
  const __m256i high_cd = _mm256_unpackhi_epi8(c, d);
  store_bytes(_mm256_unpacklo_epi16(low_ab, low_cd), to);
  store_bytes(_mm256_unpackhi_epi16(low_ab, low_cd), to + kByteBlock);
  store_bytes(_mm256_unpacklo_epi16(high_ab, high_cd), to + 2 * kByteBlock);
  store_bytes(_mm256_unpackhi_epi16(high_ab, high_cd), to + 3 * kByteBlock);
}

}  // namespace

void ByteDepthwiseKernel::weave_row(const std::uint8_t* image, std::int64_t row,
                                    std::int64_t channel, std::byte* to) const {
  std::array<std::uint8_t, kByteBlock> padding{};
  padding.fill(zero_);
  const __m256i padded = load_bytes(padding.data());
  const std::int64_t step = groups_ * kByteBlock * kByteTaps;
  const std::int64_t first = std::min(columns_.pad_begin, read_columns());
  const std::int64_t last = std::clamp(columns_.pad_begin + columns_.in, first, read_columns());
  for (std::int64_t group = 0; group < groups_; ++group, to += kByteWeights) {
    std::array<const std::uint8_t*, kByteTaps> from{};
    std::array<std::int64_t, kByteTaps> from_step{};  // 0 for a row of padding.
    for (std::size_t tap = 0; tap < kByteTaps; ++tap) {
      const std::int64_t k = group * kByteTaps + static_cast<std::int64_t>(tap);
      const std::int64_t own = rows_.position(row, k);
      const bool inside = k < rows_.kernel && own >= 0 && own < rows_.in;
      from[tap] = inside ? image + own * columns_.in * channels_ + channel : padding.data();
      from_step[tap] = inside ? channels_ : 0;
    }
    for (std::int64_t i = 0; i < first; ++i) {
      weave(padded, padded, padded, padded, to + i * step);
    }
    for (std::int64_t i = first; i < last; ++i) {
      const std::int64_t column = i - columns_.pad_begin;
      weave(load_bytes(from[0] + column * from_step[0]),
            load_bytes(from[1] + column * from_step[1]),
            load_bytes(from[2] + column * from_step[2]),
            load_bytes(from[3] + column * from_step[3]), to + i * step);
    }
    for (std::int64_t i = last; i < read_columns(); ++i) {
      weave(padded, padded, padded, padded, to + i * step);
    }
  }
}

void ByteDepthwiseKernel::compute_row(const std::byte* woven, std::int64_t block,
                                      std::byte* y) const {
  const BlockFinish finish(results_, block);
  const std::int64_t fours = columns_.kernel * groups_;
  // Without dilation, all that a window reads is one run.
  const std::int64_t runs = columns_.dilation == 1 ? 1 : columns_.kernel;
  const std::int64_t length = fours / runs;
  const std::int64_t column = groups_ * kByteBlock * kByteTaps;
  const std::int8_t* const weights = weights_.data() + block * columns_.kernel * column;
  const __m256i ones = _mm256_set1_epi16(1);
  for (std::int64_t out = 0; out < columns_.out; ++out, y += channels_) {
    BlockSums sums = finish.starts();
    const std::byte* window = woven + out * columns_.stride * column;
    const std::int8_t* w = weights;
    for (std::int64_t run = 0; run < runs; ++run, window += columns_.dilation * column) {
      const std::byte* x = window;
      for (std::int64_t i = 0; i < length; ++i, x += kByteWeights, w += kByteWeights) {
        for (std::size_t part = 0; part < sums.size(); ++part) {
          add_products(load_bytes(x + part * kByteBlock), w + part * kByteBlock, sums[part], ones);
        }
      }
    }
    store_bytes(finish(sums), y);
  }
}

#else

void ByteDepthwiseKernel::weave_row(const std::uint8_t*, std::int64_t, std::int64_t,
                                    std::byte*) const {}
void ByteDepthwiseKernel::compute_row(const std::byte*, std::int64_t, std::byte*) const {}

#endif

}  // namespace offcut::exec
