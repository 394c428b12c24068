// Fixed point: integers of a given number of bits, times a power of two. The exponent is given, or
// found from the largest magnitude, so that nothing overflows; the steps as ONNX operators find it
// from a logarithm.
#include <fmt/format.h>

#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>

#include "models/base/error.h"
#include "models/codec/bit_packing.h"
#include "models/codec/float_codec.h"
#include "models/codec/steps.h"
#include "models/codec/whole_number.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagFixed = 0x20;

// The smallest float is 2^-149, so a finer step would distinguish nothing. With 2^-127 as the
// scale, the largest float fits at every width.
constexpr int kFinest = 149;
constexpr int kCoarsest = -127;

constexpr double kMostByte = 127;

/// The steps for integers of 8 bits. Without a given p, p is found from a logarithm, whose rounding
/// may give a step half as large as the codec's; values that overflow by less than a hundredth of a
/// step are then clipped. Scales are from 2^-126 to 2^127: values below 2^-128 become 0.
class FixedSteps : public CodecSteps {
 public:
  explicit FixedSteps(std::optional<int> p) : p_(p) {}

  std::vector<TensorId> encode(StepWriter& writer, TensorId x) const override {
    std::vector<TensorId> sent;
    TensorId scale = 0;
    if (p_) {
      scale = writer.scalar(std::ldexp(1.0, *p_), "scale64");
    } else {
      sent = {scale_for(writer, x)};
      scale = writer.cast(sent[0], DataType::float64, "scale64");
    }
    const TensorId wide = writer.cast(x, DataType::float64, "float64");
    const TensorId scaled = writer.layer("Mul", {wide, scale}, "scaled");
    const TensorId least = writer.scalar(-kMostByte, "least");
    const TensorId most = writer.scalar(kMostByte, "most");
    const TensorId above = writer.layer("Max", {scaled, least}, "above");
    const TensorId within = writer.layer("Min", {above, most}, "within");
    // Like the codec, this rounds half away from 0, because casts drop the fraction.
    const TensorId sign = writer.layer("Sign", {within}, "sign");
    const TensorId half = writer.layer("Mul", {sign, writer.scalar(0.5, "half")}, "rounding");
    const TensorId rounded = writer.layer("Add", {within, half}, "rounded");
    sent.insert(sent.begin(), writer.cast(rounded, DataType::int8, "integers"));
    return sent;
  }

  TensorId decode(StepWriter& writer, std::span<const TensorId> sent, const Shape&) const override {
    const TensorId scale = p_ ? writer.scalar(std::ldexp(1.0, *p_), "scale64")
                              : writer.cast(sent[1], DataType::float64, "scale64");
    const TensorId wide = writer.cast(sent[0], DataType::float64, "float64");
    // An integer near the largest float may stand for a larger number.
    constexpr double kMost = std::numeric_limits<float>::max();
    const TensorId exact = writer.layer("Div", {wide, scale}, "exact");
    const TensorId least = writer.scalar(-kMost, "least_float");
    const TensorId most = writer.scalar(kMost, "most_float");
    const TensorId above = writer.layer("Max", {exact, least}, "above_least");
    return writer.cast(writer.layer("Min", {above, most}, "finite"), DataType::float32, "");
  }

 private:
  /// Adds the layers of 2^floor(log2(127 / largest)).
  static TensorId scale_for(StepWriter& writer, TensorId x) {
    constexpr float kRounding = 3e-5F;  // Rounding of the logarithm of the smallest floats.
    Attributes flat;
    flat.set("keepdims", std::int64_t{0});
    const TensorId magnitudes = writer.layer("Abs", {x}, "magnitudes");
    const TensorId largest = writer.layer("ReduceMax", {magnitudes}, "largest", flat);
    const TensorId natural = writer.layer("Log", {largest}, "log");
    const TensorId per_octave = writer.scalar(static_cast<float>(1 / std::log(2.0)), "per_octave");
    const TensorId octaves = writer.layer("Mul", {natural, per_octave}, "log2");
    const TensorId log_most =
        writer.scalar(static_cast<float>(std::log2(kMostByte)) + kRounding, "log2_most");
    const TensorId exact = writer.layer("Sub", {log_most, octaves}, "exact_p");
    const TensorId whole = writer.layer("Floor", {exact}, "whole_p");
    const TensorId finest = writer.scalar(127.0F, "finest");
    const TensorId coarsest = writer.scalar(-126.0F, "coarsest");
    const TensorId p = writer.layer("Clip", {whole, coarsest, finest}, "p");
    return writer.layer("Pow", {writer.scalar(2.0F, "two"), p}, "scale");
  }

  std::optional<int> p_;
};

/// Fixed point: round(X * 2^p) as signed integers of so many bits. Without a given p, it is the
/// largest one at which no value overflows; with it, a value that overflows becomes the largest
/// integer.
class Fixed : public FloatCodec {
 public:
  Fixed(int bits, std::optional<int> p) : FloatCodec(kTagFixed), bits_(bits), p_(p) {}

  CodingWork work() const override { return {.encode = 55, .decode = 41}; }
  std::shared_ptr<const CodecSteps> steps() const override {
    return bits_ == 8 ? std::make_shared<FixedSteps>(p_) : nullptr;
  }

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
    // A level near the largest float may exceed it, hence the last term.
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
    return std::clamp(exponent - 1, kCoarsest, kFinest);  // So that 2^p <= most / largest.
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

std::unique_ptr<Codec> make_fixed(const Parameters& parameters) {
  return std::make_unique<Fixed>(whole_number(parameters, "bits"), parse_p(parameters.text("p")));
}

}  // namespace

void register_fixed(Registry<CodecKind>& registry) {
  registry.add(
      {.name = "fixed",
       .doc = "fixed point: round(x * 2^p) in signed integers",
       .tag = kTagFixed,
       .parameters =
           {{.name = "bits", .fallback = 8, .least = 2, .most = 16, .doc = "bits of an integer"},
            {.name = "p",
             .is_text = true,
             .doc = "bits after the point; default: as many as the largest "
                    "value allows",
             .example = "4"}},
       .make = make_fixed});
}

}  // namespace offcut::codec
