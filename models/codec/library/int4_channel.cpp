#include "models/codec/affine.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagInt4Channel = 0x13;

std::unique_ptr<Codec> make_int4_channel(const Parameters&) {
  return std::make_unique<AffineCodec>(kTagInt4Channel, 4, true);
}

}  // namespace

void register_int4_channel(Registry<CodecKind>& registry) {
  registry.add(
      {.name = "int4-channel",
       .doc = "affine integers of 4 bits, a range for each channel: round(x * scale + shift)",
       .tag = kTagInt4Channel,
       .make = make_int4_channel});
}

}  // namespace offcut::codec
