// QSGD (Alistarh, Grubic, Li, Tomioka, Vojnovic, NeurIPS 2017, section 3.1): a value is rounded at
// random to one of the multiples of norm / levels around it, so that its mean is right; the norm is
// the Euclidean one of a bucket of values. The random number of a value is a hash of the seed, the
// value's index and all values of the tensor: equal tensors have equal bytes, but the next update
// rounds anew.
#include <algorithm>
#include <cmath>
#include <limits>

#include "models/codec/bit_packing.h"
#include "models/codec/float_codec.h"
#include "models/codec/whole_number.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagQsgd = 0x61;
constexpr int kMostLevels = 32767;

/// The finaliser of SplitMix64 (Steele, Lea, Flood 2014).
std::uint64_t scrambled(std::uint64_t x) {
  x += 0x9e3779b97f4a7c15U;
  x = (x ^ (x >> 30U)) * 0xbf58476d1ce4e5b9U;
  x = (x ^ (x >> 27U)) * 0x94d049bb133111ebU;
  return x ^ (x >> 31U);
}

std::uint64_t hash_of(std::uint64_t seed, std::span<const float> values) {
  std::uint64_t hash = scrambled(seed);
  for (const float value : values) {
    hash = scrambled(hash ^ std::bit_cast<std::uint32_t>(value));
  }
  return hash;
}

/// Returns the norm as a float that no magnitude of the bucket exceeds.
float norm_of_bucket(std::span<const float> bucket) {
  double squares = 0;
  float largest = 0;
  for (const float value : bucket) {
    squares += double{value} * double{value};
    largest = std::max(largest, std::abs(value));
  }
  return std::max(largest, to_float(std::sqrt(squares)));
}

float restored(float norm, int level, int levels, bool is_negative) {
  const float magnitude = to_float(double{norm} * level / levels);
  return is_negative ? -magnitude : magnitude;
}

class Qsgd : public FloatCodec {
 public:
  Qsgd(int levels, std::size_t bucket, std::uint64_t seed)
      : FloatCodec(kTagQsgd), levels_(levels), bucket_(bucket), seed_(seed) {}

  CodingWork work() const override { return {.encode = 200, .decode = 45}; }

 protected:
  void write(std::span<const float> values, const Shape&, ByteWriter& out) const override {
    out.fixed(static_cast<std::uint16_t>(levels_));
    out.varint(bucket_);
    for (std::size_t first = 0; first < values.size(); first += bucket_) {
      out.float32(norm_of_bucket(bucket_from(values, first)));
    }
    BitPacker packer(out, bits(levels_));
    each_level(values, [&](std::size_t i, float, int level) {
      packer.add(static_cast<std::uint32_t>(level) << 1U | (values[i] < 0 ? 1U : 0U));
    });
    packer.finish();
  }

  void read(ByteReader& in, const Shape&, std::span<float> values) const override {
    const int levels = in.fixed<std::uint16_t>();
    const std::uint64_t bucket = in.varint();
    if (levels < 1 || levels > kMostLevels || bucket < 1) {
      throw std::invalid_argument("the encoded tensor's levels or buckets are out of range");
    }
    std::vector<float> norms;
    for (std::uint64_t left = values.size(); left > 0; left -= std::min(bucket, left)) {
      norms.push_back(in.float32());
      if (!std::isfinite(norms.back()) || norms.back() < 0) {
        throw std::invalid_argument("the encoded tensor's norm is not a finite magnitude");
      }
    }
    BitUnpacker unpacker(in, bits(levels));
    for (std::size_t i = 0; i < values.size(); ++i) {
      const std::uint32_t code = unpacker.next();
      const auto level = static_cast<int>(code >> 1U);
      if (level > levels) {
        throw std::invalid_argument("the encoded tensor has a level beyond the last one");
      }
      values[i] = restored(norms[i / bucket], level, levels, (code & 1U) != 0);
    }
  }

  /// The bound is exact.
  double bound(std::span<const float> values, const Shape&) const override {
    double worst = 0;
    each_level(values, [&](std::size_t i, float norm, int level) {
      const float value = restored(norm, level, levels_, values[i] < 0);
      worst = std::max(worst, std::abs(double{values[i]} - double{value}));
    });
    return worst;
  }

  std::int64_t payload_bound(const Shape& shape) const override {
    const std::int64_t all = elements(shape);
    const auto bucket = static_cast<std::int64_t>(bucket_);
    return 2 + varint_bytes(bucket_) + 4 * ((all + bucket - 1) / bucket) +
           packed_bytes(all, bits(levels_));
  }

 private:
  static int bits(int levels) { return bits_for(static_cast<std::uint64_t>(levels)) + 1; }

  std::span<const float> bucket_from(std::span<const float> values, std::size_t first) const {
    return values.subspan(first, std::min(bucket_, values.size() - first));
  }

  /// Calls `use(index, norm, level)` for all values.
  template <class Use>
  void each_level(std::span<const float> values, const Use& use) const {
    const std::uint64_t hash = hash_of(seed_, values);
    float norm = 0;
    for (std::size_t i = 0; i < values.size(); ++i) {
      if (i % bucket_ == 0) {
        norm = norm_of_bucket(bucket_from(values, i));
      }
      int level = 0;
      if (norm > 0) {
        const double scaled = std::abs(double{values[i]}) / double{norm} * levels_;
        const double draw = static_cast<double>(scrambled(hash + i) >> 11U) * 0x1p-53;
        level = std::min(levels_, static_cast<int>(scaled));
        level += level < levels_ && draw < scaled - level ? 1 : 0;
      }
      use(i, norm, level);
    }
  }

  int levels_;
  std::size_t bucket_;
  std::uint64_t seed_;
};

std::unique_ptr<Codec> make_qsgd(const Parameters& parameters) {
  return std::make_unique<Qsgd>(whole_number(parameters, "levels"),
                                static_cast<std::size_t>(whole_number(parameters, "bucket")),
                                static_cast<std::uint64_t>(whole_number(parameters, "seed")));
}

}  // namespace

void register_qsgd(Registry<CodecKind>& registry) {
  registry.add({.name = "qsgd",
                .doc = "multiples of norm / levels, rounded at random without bias: for updates",
                .tag = kTagQsgd,
                .parameters = {{.name = "levels",
                                .is_whole = true,
                                .fallback = 7,
                                .least = 1,
                                .most = kMostLevels,
                                .doc = "the levels from 0 to the norm"},
                               {.name = "bucket",
                                .is_whole = true,
                                .fallback = 512,
                                .least = 1,
                                .most = 1 << 28,
                                .doc = "the values that share a norm"},
                               {.name = "seed",
                                .is_whole = true,
                                .fallback = 1,
                                .least = 0,
                                .most = 1e9,
                                .doc = "of the rounding"}},
                .is_for_updates = true,
                .make = make_qsgd});
}

}  // namespace offcut::codec
