#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <optional>

#include "models/base/error.h"
#include "models/codec/bit_packing.h"
#include "models/codec/float_codec.h"
#include "models/codec/whole_number.h"

namespace offcut {
namespace {

constexpr std::uint8_t kTag = 0x20;

// 2^-149 is the smallest float: a finer step would tell nothing apart. 2^-127 * 2^15 leaves room
// for the largest float in any width.
constexpr int kFinest = 149;
constexpr int kCoarsest = -127;

/// Fixed point: round(X * 2^p) as signed integers of so many bits. Without a given p the largest
/// one is taken at which no value overflows; with it, what overflows becomes the largest integer.
class Fixed : public FloatCodec {
 public:
  Fixed(int bits, std::optional<int> p) : FloatCodec(kTag), bits_(bits), p_(p) {}

  CodingWork work() const override { return {.encode = 55, .decode = 41}; }

 protected:
  void write(std::span<const float> values, const Shape&, ByteWriter& out) const override {
    const int p = scale_for(values);
    const auto limit = static_cast<double>(most(bits_));
    const std::uint32_t mask = (std::uint32_t{1} << bits_) - 1;
    const double scale = std::ldexp(1.0, p);
    out.byte(static_cast<std::uint8_t>(bits_));
    out.fixed(static_cast<std::uint16_t>(p));
    BitPacker packer(out, bits_);
    for (const float value : values) {
      const double rounded = std::round(std::clamp(value * scale, -limit, limit));
      packer.add(static_cast<std::uint32_t>(static_cast<std::int32_t>(rounded)) & mask);
    }
    packer.finish();
  }

  void read(ByteReader& in, const Shape&, std::span<float> values) const override {
    const int bits = in.byte();
    const int p = static_cast<std::int16_t>(in.fixed<std::uint16_t>());
    if (bits < 2 || bits > 16 || p < kCoarsest || p > kFinest) {
      throw std::invalid_argument("the encoded tensor's fixed point is out of range");
    }
    const double step = std::ldexp(1.0, -p);
    BitUnpacker unpacker(in, bits);
    for (float& value : values) {
      auto integer = static_cast<std::int32_t>(unpacker.next());
      integer -= integer > most(bits) ? std::int32_t{1} << bits : 0;
      value = to_float(integer * step);
    }
  }

  double bound(std::span<const float> values, const Shape&) const override {
    const int p = scale_for(values);
    const double step = std::ldexp(1.0, -p);
    const double largest = largest_magnitude(values);
    const double top = static_cast<double>(most(bits_)) * step;
    // The last term: a level next to the largest float may lie beyond it.
    return std::max({step / 2, largest - top, 0.0}) + float_rounding(std::min(largest, top));
  }

  std::int64_t payload_bound(const Shape& shape) const override {
    return 3 + packed_bytes(elements(shape), bits_);
  }

 private:
  static std::int32_t most(int bits) { return (std::int32_t{1} << (bits - 1)) - 1; }

  int scale_for(std::span<const float> values) const {
    if (p_) {
      return *p_;
    }
    const double largest = largest_magnitude(values);
    if (!(largest > 0)) {
      return 0;
    }
    int exponent = 0;
    std::frexp(most(bits_) / largest, &exponent);
    int p = std::clamp(exponent - 1, kCoarsest, kFinest);  // 2^p <= most / largest
    return p;
  }

  int bits_;
  std::optional<int> p_;
};

std::optional<int> parse_p(const std::string& text) {
  if (text.empty()) {
    return std::nullopt;
  }
  int p = 0;
  const char* end = text.data() + text.size();
  const auto [stopped, error] = std::from_chars(text.data(), end, p);
  if (error != std::errc() || stopped != end || p < kCoarsest || p > kFinest) {
    throw std::invalid_argument(fmt::format("p: expected a whole number from {} to {}, got {}",
                                            kCoarsest, kFinest, in_quotes(text)));
  }
  return p;
}

std::unique_ptr<Codec> make(const Parameters& parameters) {
  return std::make_unique<Fixed>(whole_number(parameters, "bits"), parse_p(parameters.text("p")));
}

}  // namespace

void register_fixed(Registry<CodecKind>& registry) {
  registry.add(
      {.name = "fixed",
       .doc = "fixed point: round(x * 2^p) in signed integers",
       .tag = kTag,
       .parameters =
           {{.name = "bits", .fallback = 8, .least = 2, .most = 16, .doc = "of an integer"},
            {.name = "p",
             .is_text = true,
             .doc = "bits behind the point; left out: as many as the largest "
                    "value allows"}},
       .make = make});
}

}  // namespace offcut
