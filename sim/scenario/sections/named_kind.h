#pragma once

#include <fmt/format.h>

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

/// Returns the entry of a catalogue that the key `is` names: null if the key is missing, and any
/// entry if it is invalid. If not `all_known`, an unknown name is not an error.
template <class T>
const T* named_kind(MapReader& reader, const std::map<std::string, T>& known, bool all_known) {
  const YamlNode* is = reader.raw("is");
  if (is == nullptr) {
    return nullptr;
  }
  std::vector<std::string> names;
  for (const auto& [name, entry] : known) {
    names.push_back(name);
  }
  const std::string_view noun = reader.declaration("is").noun;
  if (is->kind != YamlNode::Kind::scalar) {
    reader.error("is", fmt::format("expected the name of a {}, got {}", noun, describe(*is)));
  } else if (const auto found = known.find(is->text); found != known.end()) {
    return &found->second;
  } else if (all_known) {
    reader.error("is", fmt::format("unknown {} {}{}", noun, in_quotes(is->text),
                                   suggestion(is->text, names)));
  }
  return &known.begin()->second;
}

}  // namespace offcut::scenario
