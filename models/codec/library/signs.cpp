// signSGD with a scale: one bit for each value, its sign, and the mean magnitude of all of them.
// The mean makes the sum of magnitudes right, and the codec a contraction, which error feedback
// needs (Karimireddy et al., ICML 2019, lemma 8).
#include <algorithm>
#include <cmath>

#include "models/codec/bit_packing.h"
#include "models/codec/float_codec.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagSigns = 0x60;

float mean_magnitude(std::span<const float> values) {
  double sum = 0;
  for (const float value : values) {
    sum += std::abs(double{value});
  }
  return to_float(sum / static_cast<double>(values.size()));
}

class Signs : public FloatCodec {
 public:
  Signs() : FloatCodec(kTagSigns) {}

  CodingWork work() const override { return {.encode = 30, .decode = 30}; }
  bool wants_feedback() const override { return true; }

 protected:
  void write(std::span<const float> values, const Shape&, ByteWriter& out) const override {
    out.float32(mean_magnitude(values));
    BitPacker packer(out, 1);
    for (const float value : values) {
      packer.add(value < 0 ? 1 : 0);
    }
    packer.finish();
  }

  void read(ByteReader& in, const Shape&, std::span<float> values) const override {
    const float scale = in.float32();
    if (!std::isfinite(scale) || scale < 0) {
      throw std::invalid_argument("the encoded tensor's scale is not a finite magnitude");
    }
    BitUnpacker unpacker(in, 1);
    for (float& value : values) {
      value = unpacker.next() == 1 ? -scale : scale;
    }
  }

  /// The bound is exact.
  double bound(std::span<const float> values, const Shape&) const override {
    const double scale = mean_magnitude(values);
    double worst = 0;
    for (const float value : values) {
      worst = std::max(worst, std::abs(std::abs(double{value}) - scale));
    }
    return worst;
  }

  std::int64_t payload_bound(const Shape& shape) const override {
    return 4 + packed_bytes(elements(shape), 1);
  }
};

std::unique_ptr<Codec> make_signs(const Parameters&) { return std::make_unique<Signs>(); }

}  // namespace

void register_signs(Registry<CodecKind>& registry) {
  registry.add({.name = "signs",
                .doc = "the sign of each value, and the mean magnitude of all: for updates",
                .tag = kTagSigns,
                .parameters = {},
                .is_for_updates = true,
                .make = make_signs});
}

}  // namespace offcut::codec
