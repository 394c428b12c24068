#include "models/codec/affine.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagInt8 = 0x10;

std::unique_ptr<Codec> make_int8(const Parameters&) {
  return std::make_unique<AffineCodec>(kTagInt8, 8, false);
}

}  // namespace

void register_int8(Registry<CodecKind>& registry) {
  registry.add(
      {.name = "int8",
       .doc = "affine integers of 8 bits, a range for the tensor: round(x * scale + shift)",
       .tag = kTagInt8,
       .make = make_int8});
}

}  // namespace offcut::codec
