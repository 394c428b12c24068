#include "models/codec/affine.h"

namespace offcut {
namespace {

constexpr std::uint8_t kTag = 0x10;

std::unique_ptr<Codec> make(const Parameters&) {
  return std::make_unique<AffineCodec>(kTag, 8, false);
}

}  // namespace

void register_int8(Registry<CodecKind>& registry) {
  registry.add(
      {.name = "int8",
       .doc = "affine integers of 8 bits, a range for the tensor: round(x * scale + shift)",
       .tag = kTag,
       .make = make});
}

}  // namespace offcut
