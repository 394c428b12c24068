// Floats without any encoding: their bytes are copied, in little-endian order on every machine.
#include <algorithm>

#include "models/codec/float_codec.h"
#include "models/codec/steps.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagFp32 = 0x01;

/// There are no steps.
struct Fp32Steps : CodecSteps {
  std::vector<TensorId> encode(StepWriter&, TensorId x) const override { return {x}; }
  TensorId decode(StepWriter&, std::span<const TensorId> sent, const Shape&) const override {
    return sent[0];
  }
};

/// The floats unchanged, with which the other codecs are compared.
class Fp32 : public FloatCodec {
 public:
  Fp32() : FloatCodec(kTagFp32) {}

  CodingWork work() const override { return {.encode = 9, .decode = 3}; }
  std::shared_ptr<const CodecSteps> steps() const override { return std::make_shared<Fp32Steps>(); }

 protected:
  void write(std::span<const float> values, const Shape&, ByteWriter& out) const override {
    if constexpr (std::endian::native == std::endian::little) {
      out.raw(std::as_bytes(values));
    } else {
      for (const float value : values) {
        out.float32(value);
      }
    }
  }

  void read(ByteReader& in, const Shape&, std::span<float> values) const override {
    if constexpr (std::endian::native == std::endian::little) {
      const auto bytes = in.raw(values.size_bytes());
      std::copy(bytes.begin(), bytes.end(), std::as_writable_bytes(values).begin());
    } else {
      for (float& value : values) {
        value = in.float32();
      }
    }
  }

  double bound(std::span<const float>, const Shape&) const override { return 0; }

  std::int64_t payload_bound(const Shape& shape) const override { return 4 * elements(shape); }
};

std::unique_ptr<Codec> make_fp32(const Parameters&) { return std::make_unique<Fp32>(); }

}  // namespace

void register_fp32(Registry<CodecKind>& registry) {
  registry.add(
      {.name = "fp32", .doc = "the floats unchanged, 32 bits", .tag = kTagFp32, .make = make_fp32});
}

}  // namespace offcut::codec
