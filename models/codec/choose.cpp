// Makes a codec from its text, "kind:parameter=value,...", which "+zstd:..." may follow, and
// decodes bytes by the tag at their front.
#include "models/codec/choose.h"

#include <fmt/format.h>

#include <stdexcept>
#include <utility>

#include "models/base/error.h"
#include "models/base/named.h"
#include "models/codec/whole_number.h"
#include "models/codec/zstd_codec.h"

namespace offcut::codec {
namespace {

const std::string kZstd = "zstd";

const std::vector<ParameterSpec>& zstd_parameters() {
  static const std::vector<ParameterSpec> specs = {
      {.name = "level", .fallback = 3, .least = 1, .most = 22, .doc = "the compression level"}};
  return specs;
}

}  // namespace

std::shared_ptr<const Codec> make_codec(const std::string& text,
                                        const Registry<CodecKind>& registry) {
  const std::size_t plus = text.find("+");
  const NamedText given = parse_named(text.substr(0, plus));
  const CodecKind* kind = registry.find(given.name);
  if (kind == nullptr) {
    throw std::invalid_argument(given.name == kZstd
                                    ? "zstd packs another codec's bytes: write, for example, "
                                      "fp32+zstd"
                                    : fmt::format("there is no codec {}{}", in_quotes(given.name),
                                                  suggestion(given.name, registry.names())));
  }
  std::shared_ptr<const Codec> codec = kind->make(parameters_of(given, kind->parameters));
  if (plus == std::string::npos) {
    return codec;
  }
  const NamedText packing = parse_named(text.substr(plus + 1));
  if (packing.name != kZstd) {
    throw std::invalid_argument(
        fmt::format("expected zstd after '+', got {}", in_quotes(packing.name)));
  }
  return std::make_shared<ZstdCodec>(std::move(codec),
                                     whole_number(parameters_of(packing, zstd_parameters()), "level"));
}

Tensor decode(std::span<const std::byte> bytes, const Registry<CodecKind>& registry) {
  std::vector<std::byte> unpacked;
  const auto is_packed = [](std::byte tag) {
    return tag == std::byte{ZstdCodec::kPackedTag} || tag == std::byte{ZstdCodec::kStoredTag};
  };
  if (!bytes.empty() && is_packed(bytes.front())) {
    unpacked = ZstdCodec::unpack(bytes);
    bytes = unpacked;
  }
  for (const auto& [name, kind] : registry) {
    if (!bytes.empty() && bytes.front() == std::byte{kind.tag}) {
      return kind.make(defaults(kind.parameters))->decode(bytes);
    }
  }
  throw std::invalid_argument("these bytes are not the output of a known codec");
}

}  // namespace offcut::codec
