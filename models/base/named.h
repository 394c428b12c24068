#pragma once

#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "models/base/parameters.h"
#include "models/base/registry.h"

namespace offcut {

/// A name from a registry, with its parameters.
struct Named {
  std::string name;
  Parameters parameters;
};

/// A text NAME[:PARAMETER=VALUE[,PARAMETER=VALUE]...] in its parts. A comma begins the next
/// parameter if a '=' follows, else it belongs to the value.
struct NamedText {
  std::string name;
  std::vector<std::pair<std::string, std::string>> values;
};

/// Throws std::invalid_argument for a text of another form.
NamedText parse_named(const std::string& text);

/// Returns the parameters with the given values, and the others at their defaults. Throws
/// std::invalid_argument, with the nearest name, for unknown and repeated names, for values that
/// are out of bounds or of another unit, and for missing ones.
Parameters parameters_of(const NamedText& given, const std::vector<ParameterSpec>& specs);

/// Throws std::invalid_argument: there is no `kind` of this name.
[[noreturn]] void refuse_name(std::string_view kind, const std::string& name,
                              const std::vector<std::string>& names);

/// Reads a choice from a registry whose entries have `parameters`. `kind` is the word for such an
/// entry: "loss". Throws std::invalid_argument.
template <class T>
Named named_from(const std::string& text, std::string_view kind, const Registry<T>& registry) {
  const NamedText given = parse_named(text);
  const T* const entry = registry.find(given.name);
  if (entry == nullptr) {
    refuse_name(kind, given.name, registry.names());
  }
  return {given.name, parameters_of(given, entry->parameters)};
}

}  // namespace offcut
