// Makes a codec from its text, "kind:parameter=value,...", which "+zstd:..." may follow, and
// decodes bytes by the tag at their front. Names and values are checked against the registry and
// the parameters' specs, and every error names the nearest valid name.
#include "models/codec/choose.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>
#include <utility>

#include "models/base/error.h"
#include "models/base/units.h"
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

struct Given {
  std::string name;
  std::vector<std::pair<std::string, std::string>> values;
};

/// Parses NAME[:PARAMETER=VALUE[,PARAMETER=VALUE]...].
Given parse(const std::string& text) {
  const std::size_t colon = text.find(':');
  Given given{.name = text.substr(0, colon), .values = {}};
  for (std::size_t from = colon; from < text.size();) {
    const std::size_t comma = std::min(text.find(',', from + 1), text.size());
    const std::string part = text.substr(from + 1, comma - from - 1);
    const std::size_t equals = part.find('=');
    if (equals != std::string::npos) {
      given.values.emplace_back(part.substr(0, equals), part.substr(equals + 1));
    } else if (!given.values.empty()) {
      given.values.back().second += "," + part;
    } else {
      throw std::invalid_argument(
          fmt::format("expected parameters as {}:NAME=VALUE, got {}", given.name, in_quotes(text)));
    }
    from = comma;
  }
  return given;
}

double number(const std::string& text, const ParameterSpec& spec) {
  double value = 0;
  try {
    value = parse_quantity(text, spec.dimension);
  } catch (const std::invalid_argument& error) {
    throw std::invalid_argument(fmt::format("{}: {}", spec.name, error.what()));
  }
  if (!(value >= spec.least && value <= spec.most)) {
    throw std::invalid_argument(fmt::format("{}: expected {} to {}, got {}", spec.name, spec.least,
                                            spec.most, in_quotes(text)));
  }
  return value;
}

Parameters parameters(const Given& given, const std::vector<ParameterSpec>& specs) {
  Parameters values = defaults(specs);
  std::vector<std::string> names;
  for (const ParameterSpec& spec : specs) {
    names.push_back(spec.name);
  }
  std::vector<std::string> seen;
  for (const auto& [name, text] : given.values) {
    const auto known = std::find(names.begin(), names.end(), name);
    if (known == names.end()) {
      throw std::invalid_argument(fmt::format("{} has no parameter {}{}", given.name,
                                              in_quotes(name),
                                              names.empty() ? "" : suggestion(name, names)));
    }
    if (std::find(seen.begin(), seen.end(), name) != seen.end()) {
      throw std::invalid_argument(
          fmt::format("{}: parameter {} appears twice", given.name, in_quotes(name)));
    }
    seen.push_back(name);
    const ParameterSpec& spec = specs[static_cast<std::size_t>(known - names.begin())];
    if (spec.is_text) {
      values.set(name, text);
    } else {
      values.set(name, number(text, spec));
    }
  }
  return values;
}

}  // namespace

std::shared_ptr<const Codec> make_codec(const std::string& text,
                                        const Registry<CodecKind>& registry) {
  const std::size_t plus = text.find("+");
  const Given given = parse(text.substr(0, plus));
  const CodecKind* kind = registry.find(given.name);
  if (kind == nullptr) {
    throw std::invalid_argument(given.name == kZstd
                                    ? "zstd packs another codec's bytes: write, for example, "
                                      "fp32+zstd"
                                    : fmt::format("there is no codec {}{}", in_quotes(given.name),
                                                  suggestion(given.name, registry.names())));
  }
  std::shared_ptr<const Codec> codec = kind->make(parameters(given, kind->parameters));
  if (plus == std::string::npos) {
    return codec;
  }
  const Given packing = parse(text.substr(plus + 1));
  if (packing.name != kZstd) {
    throw std::invalid_argument(
        fmt::format("expected zstd after '+', got {}", in_quotes(packing.name)));
  }
  return std::make_shared<ZstdCodec>(std::move(codec),
                                     whole_number(parameters(packing, zstd_parameters()), "level"));
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
