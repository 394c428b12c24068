#include "models/codec/affine.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagInt4 = 0x11;

std::unique_ptr<Codec> make_int4(const Parameters&) {
  return std::make_unique<AffineCodec>(kTagInt4, 4, false);
}

}  // namespace

void register_int4(Registry<CodecKind>& registry) {
  registry.add(
      {.name = "int4",
       .doc = "affine integers of 4 bits, a range for the tensor: round(x * scale + shift)",
       .tag = kTagInt4,
       .make = make_int4});
}

}  // namespace offcut::codec
