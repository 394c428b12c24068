#include <Eigen/Core>

#include "models/codec/short_float.h"

namespace offcut {
namespace {

constexpr std::uint8_t kTag = 0x02;

std::unique_ptr<Codec> make(const Parameters&) {
  return std::make_unique<ShortFloatCodec<Eigen::half>>(kTag,
                                                        CodingWork{.encode = 160, .decode = 140});
}

}  // namespace

void register_fp16(Registry<CodecKind>& registry) {
  registry.add({.name = "fp16",
                .doc = "half-precision floats (IEEE 754 binary16), 16 bits",
                .tag = kTag,
                .make = make});
}

}  // namespace offcut
