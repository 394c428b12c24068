#pragma once

#include <memory>
#include <string>

#include "models/codec/codec.h"

namespace offcut::codec {

/// A codec and the text that chose it.
struct NamedCodec {
  std::string text;
  std::shared_ptr<const Codec> codec;
};

/// Makes the codec that a text names: a kind, its parameters, and zstd if it packs the result:
///
///     int8    int8+zstd    kmeans:clusters=4+zstd:level=19    mixed:integers=0-3,7
///
/// A comma begins the next parameter if a '=' follows, else it belongs to the value. Throws
/// std::invalid_argument with the error and the nearest name.
std::shared_ptr<const Codec> make_codec(const std::string& text,
                                        const Registry<CodecKind>& registry);

/// Decodes the output of any codec of the registry, with or without zstd. Throws
/// std::invalid_argument for other bytes.
Tensor decode(std::span<const std::byte> bytes, const Registry<CodecKind>& registry);

}  // namespace offcut::codec
