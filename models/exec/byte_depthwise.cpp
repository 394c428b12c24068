// A depthwise convolution of bytes on AVX2. For an output row and 32 channels, the rows that the
// window covers are interleaved in fours: four bytes of one channel become neighbours, which one
// pair of instructions multiplies by four weights and adds up. Each column that the row reads is
// interleaved once, and read from the first cache by all windows that cover it.

#include "models/exec/byte_depthwise.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <numeric>

#ifdef __AVX2__
#include <immintrin.h>
#endif

namespace offcut::exec {
namespace {

constexpr std::int64_t kBlock = 32;         // Channels.
constexpr std::int64_t kTaps = 4;           // Rows that are interleaved.
constexpr std::size_t kSumsInRegister = 8;  // Sums in a register.
constexpr std::size_t kWoven = kBlock * kTaps;

/// Returns the first channel of a block. The last block overlaps the one before if it is not full.
std::int64_t first_channel(std::int64_t block, std::int64_t channels) {
  return std::min(block * kBlock, channels - kBlock);
}

/// Returns the place of a channel of a block after its bytes were interleaved twice, within the
/// halves of a register.
std::int64_t woven_place(std::int64_t channel) {
  constexpr std::int64_t kHalf = kBlock / 2;
  const std::int64_t in_half = channel % kHalf;
  return in_half / kTaps * 2 * kTaps + channel / kHalf * kTaps + in_half % kTaps;
}

}  // namespace

ByteDepthwiseKernel::ByteDepthwiseKernel(const ByteDepthwise& own)
    : images_(own.images),
      channels_(own.channels),
      rows_(own.rows),
      columns_(own.columns),
      zero_(own.zero),
      result_zero_(own.result_zero),
      low_(own.low),
      high_(own.high),
      makes_unsigned_(own.makes_unsigned),
      groups_((own.rows.kernel + kTaps - 1) / kTaps) {
  const std::int64_t blocks = (channels_ + kBlock - 1) / kBlock;
  const auto lanes = static_cast<std::size_t>(blocks * kBlock);
  weights_.resize(lanes * static_cast<std::size_t>(columns_.kernel * groups_ * kTaps));
  starts_.resize(lanes);
  factors_.resize(lanes);
  offsets_.resize(lanes);
  for (std::int64_t lane = 0; lane < blocks * kBlock; ++lane) {
    const std::int64_t block = lane / kBlock;
    const std::int64_t place = woven_place(lane % kBlock);
    const auto channel = static_cast<std::size_t>(first_channel(block, channels_) + lane % kBlock);
    const auto to = static_cast<std::size_t>(block * kBlock + place);
    const auto taps = static_cast<std::size_t>(rows_.kernel * columns_.kernel);
    const std::int8_t* const from = own.weights.data() + channel * taps;
    starts_[to] = -std::int32_t{zero_} * std::accumulate(from, from + taps, std::int32_t{0});
    factors_[to] = own.factors[channel];
    offsets_[to] = own.offsets[channel];
    for (std::int64_t column = 0; column < columns_.kernel; ++column) {
      for (std::int64_t row = 0; row < rows_.kernel; ++row) {
        const std::int64_t four = (block * columns_.kernel + column) * groups_ + row / kTaps;
        weights_[static_cast<std::size_t>((four * kBlock + place) * kTaps + row % kTaps)] =
            from[row * columns_.kernel + column];
      }
    }
  }
}

std::int64_t ByteDepthwiseKernel::read_columns() const {
  return (columns_.out - 1) * columns_.stride + columns_.extent();
}

std::size_t ByteDepthwiseKernel::scratch_bytes() const {
  return kWoven * static_cast<std::size_t>(read_columns() * groups_);
}

void ByteDepthwiseKernel::run(const std::uint8_t* x, std::byte* y, std::byte* scratch) const {
  const std::int64_t blocks = (channels_ + kBlock - 1) / kBlock;
  for (std::int64_t image = 0; image < images_; ++image) {
    for (std::int64_t row = 0; row < rows_.out; ++row) {
      for (std::int64_t block = 0; block < blocks; ++block) {
        const std::int64_t channel = first_channel(block, channels_);
        weave_row(x, row, channel, scratch);
        compute_row(scratch, block, y + row * columns_.out * channels_ + channel);
      }
    }
    x += rows_.in * columns_.in * channels_;
    y += rows_.out * columns_.out * channels_;
  }
}

#ifdef __AVX2__

namespace {

using Wide [[gnu::vector_size(32)]] = long long;  // An __m256i that a template may hold.

__m256i load_bytes(const void* from) {
  return _mm256_loadu_si256(static_cast<const __m256i*>(from));
}

void store_bytes(__m256i bytes, std::byte* to) {
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), bytes);
}

/// Interleaves four rows of 32 bytes.
void weave(__m256i a, __m256i b, __m256i c, __m256i d, std::byte* to) {
  const __m256i low_ab = _mm256_unpacklo_epi8(a, b);
  const __m256i high_ab = _mm256_unpackhi_epi8(a, b);
  const __m256i low_cd = _mm256_unpacklo_epi8(c, d);
  const __m256i high_cd = _mm256_unpackhi_epi8(c, d);
  store_bytes(_mm256_unpacklo_epi16(low_ab, low_cd), to);
  store_bytes(_mm256_unpackhi_epi16(low_ab, low_cd), to + kBlock);
  store_bytes(_mm256_unpacklo_epi16(high_ab, high_cd), to + 2 * kBlock);
  store_bytes(_mm256_unpackhi_epi16(high_ab, high_cd), to + 3 * kBlock);
}

/// Returns the eight sums as rounded results of 32 bits.
__m256i rounded(__m256i sums, const float* factors, const float* offsets) {
  return _mm256_cvtps_epi32(_mm256_fmadd_ps(_mm256_cvtepi32_ps(sums), _mm256_loadu_ps(factors),
                                            _mm256_loadu_ps(offsets)));
}

}  // namespace

bool ByteDepthwiseKernel::fits(const ByteDepthwise& own) {
  constexpr int kMostWeight = 64;
  constexpr double kMostResult = 1U << 30U;
  if (own.channels < kBlock) {
    return false;
  }
  const auto taps = static_cast<std::size_t>(own.rows.kernel * own.columns.kernel);
  const double most_sum = 255.0 * kMostWeight * static_cast<double>(taps);
  for (std::size_t i = 0; i < own.factors.size(); ++i) {
    // A NaN is not less either.
    if (!(std::abs(own.factors[i]) * most_sum + std::abs(own.offsets[i]) < kMostResult)) {
      return false;
    }
  }
  return std::all_of(own.weights.begin(), own.weights.end(),
                     [](std::int8_t w) { return -kMostWeight <= w && w <= kMostWeight; });
}

void ByteDepthwiseKernel::weave_row(const std::uint8_t* image, std::int64_t row,
                                    std::int64_t channel, std::byte* to) const {
  std::array<std::uint8_t, kBlock> padding{};
  padding.fill(zero_);
  const __m256i padded = load_bytes(padding.data());
  const std::int64_t step = groups_ * kBlock * kTaps;
  const std::int64_t first = std::min(columns_.pad_begin, read_columns());
  const std::int64_t last = std::clamp(columns_.pad_begin + columns_.in, first, read_columns());
  for (std::int64_t group = 0; group < groups_; ++group, to += kWoven) {
    std::array<const std::uint8_t*, kTaps> from{};
    std::array<std::int64_t, kTaps> from_step{};  // 0 for a row of padding.
    for (std::size_t tap = 0; tap < kTaps; ++tap) {
      const std::int64_t k = group * kTaps + static_cast<std::int64_t>(tap);
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
  const auto start = static_cast<std::size_t>(block * kBlock);
  const std::int32_t* const starts = starts_.data() + start;
  const float* const factors = factors_.data() + start;
  const float* const offsets = offsets_.data() + start;
  const std::int64_t fours = columns_.kernel * groups_;
  // Without dilation, all that a window reads is one run.
  const std::int64_t runs = columns_.dilation == 1 ? 1 : columns_.kernel;
  const std::int64_t length = fours / runs;
  const std::int8_t* const weights = weights_.data() + block * fours * kBlock * kTaps;
  const __m256i ones = _mm256_set1_epi16(1);
  const __m256i zero = _mm256_set1_epi16(static_cast<std::int16_t>(result_zero_));
  const __m256i low = _mm256_set1_epi8(static_cast<char>(low_));
  const __m256i high = _mm256_set1_epi8(static_cast<char>(high_));
  for (std::int64_t out = 0; out < columns_.out; ++out, y += channels_) {
    std::array<Wide, kTaps> sums = {load_bytes(starts), load_bytes(starts + kSumsInRegister),
                                    load_bytes(starts + 2 * kSumsInRegister),
                                    load_bytes(starts + 3 * kSumsInRegister)};
    const std::byte* window = woven + out * columns_.stride * groups_ * kBlock * kTaps;
    const std::int8_t* w = weights;
    for (std::int64_t run = 0; run < runs; ++run) {
      const std::byte* x = window + run * columns_.dilation * groups_ * kBlock * kTaps;
      for (std::int64_t i = 0; i < length; ++i, x += kWoven, w += kWoven) {
        for (std::size_t part = 0; part < kTaps; ++part) {
          const __m256i pairs =
              _mm256_maddubs_epi16(load_bytes(x + part * kBlock), load_bytes(w + part * kBlock));
          sums[part] = _mm256_add_epi32(sums[part], _mm256_madd_epi16(pairs, ones));
        }
      }
    }
    const auto finished = [&](std::size_t half) {
      const std::size_t lane = 2 * kSumsInRegister * half;
      return _mm256_adds_epi16(
          _mm256_packs_epi32(rounded(sums[2 * half], factors + lane, offsets + lane),
                             rounded(sums[2 * half + 1], factors + lane + kSumsInRegister,
                                     offsets + lane + kSumsInRegister)),
          zero);
    };
    const __m256i first = finished(0);
    const __m256i second = finished(1);
    store_bytes(
        makes_unsigned_
            ? _mm256_min_epu8(_mm256_max_epu8(_mm256_packus_epi16(first, second), low), high)
            : _mm256_min_epi8(_mm256_max_epi8(_mm256_packs_epi16(first, second), low), high),
        y);
  }
}

#else

bool ByteDepthwiseKernel::fits(const ByteDepthwise&) { return false; }
void ByteDepthwiseKernel::weave_row(const std::uint8_t*, std::int64_t, std::int64_t,
                                    std::byte*) const {}
void ByteDepthwiseKernel::compute_row(const std::byte*, std::int64_t, std::byte*) const {}

#endif

}  // namespace offcut::exec
