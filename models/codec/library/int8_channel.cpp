#include "models/codec/affine.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagInt8Channel = 0x12;

std::unique_ptr<Codec> make_int8_channel(const Parameters&) {
  return std::make_unique<AffineCodec>(kTagInt8Channel, 8, true);
}

}  // namespace

void register_int8_channel(Registry<CodecKind>& registry) {
  registry.add(
      {.name = "int8-channel",
       .doc = "affine integers of 8 bits, a range for each channel: round(x * scale + shift)",
       .tag = kTagInt8Channel,
       .make = make_int8_channel});
}

}  // namespace offcut::codec
