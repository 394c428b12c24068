#include "models/codec/affine.h"

namespace offcut {
namespace {

constexpr std::uint8_t kTag = 0x12;

std::unique_ptr<Codec> make(const Parameters&) {
  return std::make_unique<AffineCodec>(kTag, 8, true);
}

}  // namespace

void register_int8_channel(Registry<CodecKind>& registry) {
  registry.add(
      {.name = "int8-channel",
       .doc = "affine integers of 8 bits, a range for each channel: round(x * scale + shift)",
       .tag = kTag,
       .make = make});
}

}  // namespace offcut
