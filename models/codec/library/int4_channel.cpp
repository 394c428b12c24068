#include "models/codec/affine.h"

namespace offcut {
namespace {

constexpr std::uint8_t kTag = 0x13;

std::unique_ptr<Codec> make(const Parameters&) {
  return std::make_unique<AffineCodec>(kTag, 4, true);
}

}  // namespace

void register_int4_channel(Registry<CodecKind>& registry) {
  registry.add(
      {.name = "int4-channel",
       .doc = "affine integers of 4 bits, a range for each channel: round(x * scale + shift)",
       .tag = kTag,
       .make = make});
}

}  // namespace offcut
