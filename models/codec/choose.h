#pragma once

#include <memory>
#include <string>

#include "models/codec/codec.h"

namespace offcut::codec {

/// A codec with the text that chose it.
struct NamedCodec {
  std::string text;
  std::shared_ptr<const Codec> codec;
};

/// The codec that a text names: a kind, its parameters, and whether zstd packs what it writes:
///
///     int8    int8+zstd    kmeans:clusters=4+zstd:level=19    mixed:integers=0-3,7
///
/// Behind a comma stands the next parameter where there is a '=', or else the text goes on. Throws
/// std::invalid_argument saying what is wrong, with the nearest name.
std::shared_ptr<const Codec> make_codec(const std::string& text,
                                        const Registry<CodecKind>& registry);

/// The tensor that any codec of the registry wrote, with zstd or without. Throws
/// std::invalid_argument where the bytes are not that.
Tensor decode(std::span<const std::byte> bytes, const Registry<CodecKind>& registry);

}  // namespace offcut::codec
