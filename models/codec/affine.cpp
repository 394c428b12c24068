// Affine integers: the range of a tensor or of each channel is divided into 2^bits - 1 equal steps.
// All arithmetic is in double precision, so the error bound holds for every range of floats.
#include "models/codec/affine.h"

#include <algorithm>
#include <cmath>

#include "models/codec/affine_steps.h"
#include "models/codec/bit_packing.h"
#include "models/codec/channels.h"

namespace offcut::codec {
namespace {

struct Range {
  float low = 0;
  float high = 0;
};

Channels split(const Shape& shape, bool per_channel) {
  return per_channel ? ranged_channels_of(shape)
                     : Channels{.count = 1, .run = static_cast<std::size_t>(elements(shape))};
}

/// Calls visit(channel, first element, one past the last) for each run of elements.
template <class Visit>
void for_each_run(const Channels& channels, std::size_t size, Visit visit) {
  for (std::size_t first = 0, channel = 0; first < size; first += channels.run) {
    visit(channel, first, first + channels.run);
    channel = channel + 1 == channels.count ? 0 : channel + 1;
  }
}

std::vector<Range> ranges_of(std::span<const float> values, const Channels& channels) {
  std::vector<Range> ranges(channels.count);
  for (std::size_t channel = 0; channel < channels.count; ++channel) {
    ranges[channel] = {values[channel * channels.run], values[channel * channels.run]};
  }
  for_each_run(channels, values.size(), [&](std::size_t channel, std::size_t i, std::size_t end) {
    Range range = ranges[channel];
    for (; i < end; ++i) {
      range.low = std::min(range.low, values[i]);
      range.high = std::max(range.high, values[i]);
    }
    ranges[channel] = range;
  });
  return ranges;
}

}  // namespace

AffineMap::AffineMap(float low, float high, int bits)
    : low_(low),
      high_(high),
      most_(std::ldexp(1.0, bits) - 1),
      step_((double{high} - double{low}) / most_) {}

std::uint32_t AffineMap::quantize(float value) const {
  if (!(step_ > 0)) {
    return 0;
  }
  return static_cast<std::uint32_t>(std::clamp((value - low_) / step_ + 0.5, 0.0, most_ + 0.5));
}

float AffineMap::restore(std::uint32_t integer) const { return to_float(low_ + integer * step_); }

double AffineMap::error_bound() const {
  const double magnitude = std::max(std::abs(low_), std::abs(high_));
  // Rounding in double precision adds about 1e-16 of the magnitude.
  return step_ > 0 ? step_ / 2 + magnitude * 1e-15 + float_rounding(magnitude) : 0;
}

// These figures are measured by tests/bench/codecs.cpp.
CodingWork AffineCodec::work() const { return {.encode = 65, .decode = 40}; }

std::shared_ptr<const CodecSteps> AffineCodec::steps() const {
  return std::make_shared<AffineSteps>(bits_, per_channel_);
}

void AffineCodec::write(std::span<const float> values, const Shape& shape, ByteWriter& out) const {
  const Channels channels = split(shape, per_channel_);
  std::vector<AffineMap> maps;
  for (const Range& range : ranges_of(values, channels)) {
    out.float32(range.low);
    out.float32(range.high);
    maps.emplace_back(range.low, range.high, bits_);
  }
  BitPacker packer(out, bits_);
  for_each_run(channels, values.size(), [&](std::size_t channel, std::size_t i, std::size_t end) {
    for (; i < end; ++i) {
      packer.add(maps[channel].quantize(values[i]));
    }
  });
  packer.finish();
}

void AffineCodec::read(ByteReader& in, const Shape& shape, std::span<float> values) const {
  const Channels channels = split(shape, per_channel_);
  std::vector<AffineMap> maps;
  for (std::size_t channel = 0; channel < channels.count; ++channel) {
    const float low = in.float32();
    const float high = in.float32();
    if (!std::isfinite(low) || !std::isfinite(high)) {
      throw std::invalid_argument("the encoded tensor's range is not finite");
    }
    maps.emplace_back(low, high, bits_);
  }
  BitUnpacker unpacker(in, bits_);
  for_each_run(channels, values.size(), [&](std::size_t channel, std::size_t i, std::size_t end) {
    for (; i < end; ++i) {
      values[i] = maps[channel].restore(unpacker.next());
    }
  });
}

double AffineCodec::bound(std::span<const float> values, const Shape& shape) const {
  double worst = 0;
  for (const Range& range : ranges_of(values, split(shape, per_channel_))) {
    worst = std::max(worst, AffineMap(range.low, range.high, bits_).error_bound());
  }
  return worst;
}

std::int64_t AffineCodec::payload_bound(const Shape& shape) const {
  constexpr std::int64_t kRangeBytes = 8;
  return kRangeBytes * static_cast<std::int64_t>(split(shape, per_channel_).count) +
         packed_bytes(elements(shape), bits_);
}

}  // namespace offcut::codec
