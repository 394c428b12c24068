#include <Eigen/Core>

#include "models/codec/short_float.h"
#include "models/codec/steps.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagFp16 = 0x02;

/// Clips to the finite numbers of float16, then casts.
struct Fp16Steps : CodecSteps {
  std::vector<TensorId> encode(StepWriter& writer, TensorId x) const override {
    constexpr float kMost = 65504;
    const TensorId least = writer.scalar(-kMost, "least");
    const TensorId most = writer.scalar(kMost, "most");
    return {writer.half(writer.layer("Clip", {x, least, most}, "clipped"), "fp16")};
  }
  TensorId decode(StepWriter& writer, std::span<const TensorId> sent, const Shape&) const override {
    return writer.cast(sent[0], DataType::float32, "");
  }
};

class Fp16 : public ShortFloatCodec<Eigen::half> {
 public:
  Fp16() : ShortFloatCodec(kTagFp16, {.encode = 160, .decode = 140}) {}
  std::shared_ptr<const CodecSteps> steps() const override { return std::make_shared<Fp16Steps>(); }
};

std::unique_ptr<Codec> make_fp16(const Parameters&) { return std::make_unique<Fp16>(); }

}  // namespace

void register_fp16(Registry<CodecKind>& registry) {
  registry.add({.name = "fp16",
                .doc = "half-precision floats (IEEE 754 binary16), 16 bits",
                .tag = kTagFp16,
                .make = make_fp16});
}

}  // namespace offcut::codec
