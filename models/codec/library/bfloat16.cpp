#include <Eigen/Core>

#include "models/codec/short_float.h"

namespace offcut::codec {
namespace {

constexpr std::uint8_t kTagBfloat16 = 0x03;

std::unique_ptr<Codec> make_bfloat16(const Parameters&) {
  return std::make_unique<ShortFloatCodec<Eigen::bfloat16>>(kTagBfloat16,
                                                            CodingWork{.encode = 38, .decode = 27});
}

}  // namespace

void register_bfloat16(Registry<CodecKind>& registry) {
  registry.add({.name = "bfloat16",
                .doc = "the upper half of a float, 16 bits",
                .tag = kTagBfloat16,
                .make = make_bfloat16});
}

}  // namespace offcut::codec
