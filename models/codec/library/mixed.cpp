// Mixed quantisation of channels: some in affine integers of 8 bits, the others in floats. The
// channels are named, or those with the smallest values are chosen; a bit per channel tells which.
#include <fmt/format.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "models/codec/affine.h"
#include "models/codec/bit_packing.h"
#include "models/codec/channels.h"
#include "models/codec/share.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagMixed = 0x21;
constexpr int kBits = 8;

/// Writes the channels of an index set I in integers of 8 bits, with one affine range for all of
/// them, and the other channels, F, in floats. I is named, or else it is the share of the channels
/// with the smallest values, which lose least. The bytes say which channels are in I.
class Mixed : public FloatCodec {
 public:
  Mixed(std::vector<std::size_t> named, double share)
      : FloatCodec(kTagMixed), named_(std::move(named)), share_(share) {}

  CodingWork work() const override { return {.encode = 300, .decode = 110}; }

 protected:
  void write(std::span<const float> values, const Shape& shape, ByteWriter& out) const override {
    const Channels channels = channels_of(shape);
    const std::vector<bool> integers = index_set(values, channels);
    BitPacker flags(out, 1);
    for (const bool integer : integers) {
      flags.add(integer ? 1 : 0);
    }
    flags.finish();
    const auto [low, high] = range_of(values, channels, integers);
    out.float32(low);
    out.float32(high);
    const AffineMap map(low, high, kBits);
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (integers[channels.channel_of(i)]) {
        out.byte(static_cast<std::uint8_t>(map.quantize(values[i])));
      } else {
        out.float32(values[i]);
      }
    }
  }

  void read(ByteReader& in, const Shape& shape, std::span<float> values) const override {
    const Channels channels = channels_of(shape);
    std::vector<bool> integers(channels.count);
    BitUnpacker flags(in, 1);
    for (std::size_t i = 0; i < channels.count; ++i) {
      integers[i] = flags.next() == 1;
    }
    const float low = in.float32();
    const float high = in.float32();
    if (!std::isfinite(low) || !std::isfinite(high)) {
      throw std::invalid_argument("the encoded tensor's range is not finite");
    }
    const AffineMap map(low, high, kBits);
    for (std::size_t i = 0; i < values.size(); ++i) {
      values[i] = integers[channels.channel_of(i)] ? map.restore(in.byte()) : in.float32();
    }
  }

  double bound(std::span<const float> values, const Shape& shape) const override {
    const Channels channels = channels_of(shape);
    const auto [low, high] = range_of(values, channels, index_set(values, channels));
    return AffineMap(low, high, kBits).error_bound();
  }

  std::int64_t payload_bound(const Shape& shape) const override {
    const Channels channels = channels_of(shape);
    check_named(channels);
    const std::int64_t all = elements(shape);
    const auto count = static_cast<std::int64_t>(channels.count);
    const std::int64_t in_integers = all / count * static_cast<std::int64_t>(set_size(channels));
    return packed_bytes(count, 1) + 8 + in_integers + 4 * (all - in_integers);
  }

 private:
  void check_named(const Channels& channels) const {
    for (const std::size_t channel : named_) {
      if (channel >= channels.count) {
        throw std::invalid_argument(fmt::format("mixed: there is no channel {} in a tensor of {}",
                                                channel, channels.count));
      }
    }
  }

  std::size_t set_size(const Channels& channels) const {
    if (!named_.empty()) {
      std::vector<std::size_t> unique = named_;
      std::sort(unique.begin(), unique.end());
      return static_cast<std::size_t>(std::unique(unique.begin(), unique.end()) - unique.begin());
    }
    const double exact = share_of(share_, static_cast<std::int64_t>(channels.count));
    return static_cast<std::size_t>(std::floor(exact));
  }

  std::vector<bool> index_set(std::span<const float> values, const Channels& channels) const {
    check_named(channels);
    std::vector<std::size_t> chosen = named_;
    if (chosen.empty()) {
      std::vector<float> largest(channels.count, 0);
      for (std::size_t i = 0; i < values.size(); ++i) {
        float& channel_largest = largest[channels.channel_of(i)];
        channel_largest = std::max(channel_largest, std::abs(values[i]));
      }
      chosen.resize(channels.count);
      std::iota(chosen.begin(), chosen.end(), std::size_t{0});
      std::stable_sort(chosen.begin(), chosen.end(),
                       [&](std::size_t a, std::size_t b) { return largest[a] < largest[b]; });
      chosen.resize(set_size(channels));
    }
    std::vector<bool> in_set(channels.count, false);
    for (const std::size_t channel : chosen) {
      in_set[channel] = true;
    }
    return in_set;
  }

  static std::pair<float, float> range_of(std::span<const float> values, const Channels& channels,
                                          const std::vector<bool>& integers) {
    std::pair<float, float> range{0, 0};
    bool first = true;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (integers[channels.channel_of(i)]) {
        range =
            first ? std::pair(values[i], values[i])
                  : std::pair(std::min(range.first, values[i]), std::max(range.second, values[i]));
        first = false;
      }
    }
    return range;
  }

  std::vector<std::size_t> named_;  // Empty: the channels are chosen by share.
  double share_;
};

std::unique_ptr<Codec> make_mixed(const Parameters& parameters) {
  return std::make_unique<Mixed>(parse_channels(parameters.text("integers")),
                                 parameters.at("share"));
}

}  // namespace

void register_mixed(Registry<CodecKind>& registry) {
  registry.add({.name = "mixed",
                .doc = "some channels in affine integers of 8 bits, the others in floats",
                .tag = kTagMixed,
                .parameters = {{.name = "integers",
                                .is_text = true,
                                .doc = "the channels in integers, such as 0-3,7; default: the "
                                       "share of them with the smallest values",
                                .example = "0"},
                               {.name = "share",
                                .fallback = 0.5,
                                .least = 0,
                                .most = 1,
                                .doc = "the share of the channels if none is named"}},
                .make = make_mixed});
}

}  // namespace offcut::codec
