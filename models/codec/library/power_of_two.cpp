// Rounding to powers of two. Only signs and exponents are written, in a window below the exponent
// of the tensor's largest value.
#include <algorithm>
#include <cmath>

#include "models/codec/bit_packing.h"
#include "models/codec/float_codec.h"
#include "models/codec/whole_number.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagPowerOfTwo = 0x30;
constexpr int kLargestExponent = 127;  // The largest exponent of a float.

/// Returns the exponent of the power of two with the nearest logarithm: round(log2 |x|), exactly.
/// REQUIRES: magnitude > 0.
int nearest_exponent(double magnitude) {
  int exponent = 0;
  const double fraction = std::frexp(magnitude, &exponent);  // In [0.5, 1).
  const int rounded = fraction < std::sqrt(0.5) ? exponent - 1 : exponent;
  return std::min(rounded, kLargestExponent);
}

/// Writes sign(x) * 2^round(log2 |x|): one bit for the sign, the others for the exponent, counted
/// down from that of the largest value. The code 0 stands for 0 and for values below the window.
/// After Miyashita, Lee, Murmann, "Convolutional neural networks using logarithmic data
/// representation", 2016, equation 3, with the window set by each tensor's largest value.
class PowerOfTwo : public FloatCodec {
 public:
  explicit PowerOfTwo(int bits) : FloatCodec(kTagPowerOfTwo), bits_(bits) {}

  CodingWork work() const override { return {.encode = 260, .decode = 160}; }

 protected:
  void write(std::span<const float> values, const Shape&, ByteWriter& out) const override {
    const double largest = largest_magnitude(values);
    const int top = largest > 0 ? nearest_exponent(largest) : 0;
    const int levels = (1 << (bits_ - 1)) - 1;
    out.byte(static_cast<std::uint8_t>(bits_));
    out.fixed(static_cast<std::uint16_t>(top));
    BitPacker packer(out, bits_);
    for (const float value : values) {
      const double magnitude = std::abs(value);
      const int below = magnitude > 0 ? top - nearest_exponent(magnitude) : levels;
      const int code = below < levels ? (below + 1) * 2 + (value < 0 ? 1 : 0) : 0;
      packer.add(static_cast<std::uint32_t>(code));
    }
    packer.finish();
  }

  void read(ByteReader& in, const Shape&, std::span<float> values) const override {
    const int bits = in.byte();
    const int top = static_cast<std::int16_t>(in.fixed<std::uint16_t>());
    if (bits < 3 || bits > 8 || top > kLargestExponent) {
      throw std::invalid_argument("the encoded tensor's powers of two are out of range");
    }
    BitUnpacker unpacker(in, bits);
    for (float& value : values) {
      const std::uint32_t code = unpacker.next();
      const int level = static_cast<int>(code >> 1);
      const float magnitude = level == 0 ? 0.0F : std::ldexp(1.0F, top - level + 1);
      value = (code & 1) != 0 ? -magnitude : magnitude;
    }
  }

  double bound(std::span<const float> values, const Shape&) const override {
    const double largest = largest_magnitude(values);
    // Rounding up has an error of at most sqrt(2) - 1 of the value, rounding down a smaller one;
    // with 3 bits or more, values below the window are also smaller than that. The largest power of
    // two among the floats is 2^127.
    const double capped = largest - std::ldexp(1.0, kLargestExponent);
    return std::max((std::sqrt(2.0) - 1) * largest * (1 + 1e-9), capped);
  }

  std::int64_t payload_bound(const Shape& shape) const override {
    return 3 + packed_bytes(elements(shape), bits_);
  }

 private:
  int bits_;
};

std::unique_ptr<Codec> make_power_of_two(const Parameters& parameters) {
  return std::make_unique<PowerOfTwo>(whole_number(parameters, "bits"));
}

}  // namespace

void register_power_of_two(Registry<CodecKind>& registry) {
  registry.add({.name = "power-of-two",
                .doc = "the nearest power of two: sign(x) * 2^round(log2 |x|)",
                .tag = kTagPowerOfTwo,
                .parameters = {{.name = "bits",
                                .fallback = 4,
                                .least = 3,
                                .most = 8,
                                .doc = "bits of a value, including its sign"}},
                .make = make_power_of_two});
}

}  // namespace offcut::codec
