// Logarithmic quantisation. The window of levels ends at the tensor's largest magnitude; code 0 is
// the number 0, and the lowest bit of a code is the sign.
#include <algorithm>
#include <cmath>

#include "models/codec/bit_packing.h"
#include "models/codec/float_codec.h"
#include "models/codec/whole_number.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagLogarithmic = 0x31;

/// Rounds magnitudes to levels whose logarithms are evenly spaced, from the largest value of the
/// tensor down over a window of so many octaves, or only to the smallest value that is not 0. The
/// relative error is thus the same for large and small values.
class Logarithmic : public FloatCodec {
 public:
  Logarithmic(int bits, double octaves)
      : FloatCodec(kTagLogarithmic), bits_(bits), octaves_(octaves) {}

  CodingWork work() const override { return {.encode = 340, .decode = 35}; }

 protected:
  void write(std::span<const float> values, const Shape&, ByteWriter& out) const override {
    const Window window = window_of(values);
    out.byte(static_cast<std::uint8_t>(bits_));
    out.float32(window.low);
    out.float32(window.high);
    const double step = step_of(window, bits_);
    const double from = std::log2(double{window.low});
    const std::uint32_t levels = levels_of(bits_);
    BitPacker packer(out, bits_);
    for (const float value : values) {
      const double magnitude = std::abs(value);
      std::uint32_t code = 0;
      if (magnitude > 0 && magnitude >= double{window.low} / 2) {
        const double level = step > 0 ? (std::log2(magnitude) - from) / step : 0;
        code = 1 + static_cast<std::uint32_t>(
                       std::clamp(std::round(level), 0.0, static_cast<double>(levels - 1)));
      }
      packer.add(code << 1 | (value < 0 ? 1U : 0U));
    }
    packer.finish();
  }

  void read(ByteReader& in, const Shape&, std::span<float> values) const override {
    const int bits = in.byte();
    const Window window{in.float32(), in.float32()};
    if (bits < 3 || bits > 16 || !std::isfinite(window.high) || !(window.low >= 0) ||
        !(window.high >= window.low)) {
      throw std::invalid_argument("the encoded tensor's logarithmic window is out of range");
    }
    const double step = step_of(window, bits);
    std::vector<float> levels = {0.0F};
    for (std::uint32_t i = 0; i < levels_of(bits); ++i) {
      levels.push_back(to_float(double{window.low} * std::exp2(i * step)));
    }
    BitUnpacker unpacker(in, bits);
    for (float& value : values) {
      const std::uint32_t code = unpacker.next();
      value = (code & 1) != 0 ? -levels[code >> 1] : levels[code >> 1];
    }
  }

  double bound(std::span<const float> values, const Shape&) const override {
    const Window window = window_of(values);
    // Half a step up is the worst case; the rounding of logarithms is far below 1e-12 of a value.
    const double relative = std::exp2(step_of(window, bits_) / 2) - 1 + 1e-12;
    const double below = window.flushes ? double{window.low} / 2 : 0;
    return std::max(relative * window.high, below) + float_rounding(window.high);
  }

  std::int64_t payload_bound(const Shape& shape) const override {
    return 9 + packed_bytes(elements(shape), bits_);
  }

 private:
  struct Window {
    float low = 0;  // The smallest level; 0 if all values are 0.
    float high = 0;
    bool flushes = false;  // Some values are below the smallest level.
  };

  static std::uint32_t levels_of(int bits) { return (std::uint32_t{1} << (bits - 1)) - 1; }

  static double step_of(const Window& window, int bits) {
    return window.low > 0 ? std::log2(double{window.high} / double{window.low}) /
                                static_cast<double>(levels_of(bits) - 1)
                          : 0;
  }

  Window window_of(std::span<const float> values) const {
    Window window;
    float smallest = 0;
    for (const float value : values) {
      const float magnitude = std::abs(value);
      window.high = std::max(window.high, magnitude);
      if (magnitude > 0 && (smallest == 0 || magnitude < smallest)) {
        smallest = magnitude;
      }
    }
    // The lowest level may round to 0, hence the maximum with the smallest value.
    const auto lowest = static_cast<float>(double{window.high} * std::exp2(-octaves_));
    window.low = std::max(smallest, lowest);
    window.flushes = smallest > 0 && smallest < window.low;
    return window;
  }

  int bits_;
  double octaves_;
};

std::unique_ptr<Codec> make_logarithmic(const Parameters& parameters) {
  return std::make_unique<Logarithmic>(whole_number(parameters, "bits"), parameters.at("octaves"));
}

}  // namespace

void register_logarithmic(Registry<CodecKind>& registry) {
  registry.add({.name = "log",
                .doc = "logarithmic: levels with an even relative distance",
                .tag = kTagLogarithmic,
                .parameters = {{.name = "bits",
                                .fallback = 8,
                                .least = 3,
                                .most = 16,
                                .doc = "bits of a value, including its sign"},
                               {.name = "octaves",
                                .fallback = 16,
                                .least = 1,
                                .most = 300,
                                .doc = "the most octaves from the largest value to the smallest "
                                       "level"}},
                .make = make_logarithmic});
}

}  // namespace offcut::codec
