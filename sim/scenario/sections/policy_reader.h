#pragma once

#include <fmt/format.h>

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/yaml/map_reader.h"
#include "sim/scheduling/scheduling.h"

namespace offcut::scenario {

/// Reads policies, and other kinds of a registry: a name, or a map of the name and its parameters.
class PolicyReader {
 public:
  /// `map` has the policies as its keys. Below them, `name_key` is the key of the name.
  explicit PolicyReader(MapReader& map, std::string name_key = "policy")
      : map_(map), name_key_(std::move(name_key)) {}

  /// Reads a policy. The key's default is the word for having none, also if it is the name of a
  /// policy, which then does the same.
  template <class Kind>
  scheduling::Choice<Kind> choice(const std::string& key, const Registry<Kind>& registry) {
    scheduling::Choice<Kind> choice = read(key, registry, map_.declaration(key).fallback);
    choice.chosen_at = map_.place(key);
    return choice;
  }
  /// Reads a policy where the key's default is one, and there is always one unless its name is
  /// invalid.
  template <class Kind>
  scheduling::Choice<Kind> always(const std::string& key, const Registry<Kind>& registry) {
    scheduling::Choice<Kind> choice = read(key, registry, {});
    choice.chosen_at = map_.place(key);
    return choice;
  }

 private:
  template <class Kind>
  scheduling::Choice<Kind> read(const std::string& key, const Registry<Kind>& registry,
                                std::string_view absence) {
    const std::string_view noun = map_.declaration(key).noun;
    std::vector<std::string> names = registry.names();
    if (!absence.empty() && registry.find(absence) == nullptr) {
      names.emplace_back(absence);
    }
    const auto kind_of = [&](const std::optional<std::string>& name) {
      return name && *name != absence ? registry.find(*name) : nullptr;
    };
    const YamlNode* node = map_.raw(key);
    if (node != nullptr && node->kind == YamlNode::Kind::map) {
      if (node->find(name_key_) == nullptr) {
        map_.error(key, fmt::format("expected the {}'s name, or a map that has it as '{}'", noun,
                                    name_key_));
        return {};
      }
      MapReader map = map_.map(key);
      const auto name = map.one_of(name_key_, names);
      if (!name) {
        map.ignore_rest();
      }
      return chosen(kind_of(name), map);
    }
    const auto name = map_.one_of(key, names);
    const Kind* kind = kind_of(name);
    if (kind == nullptr || kind->parameters.empty()) {
      return {kind, {}};
    }
    // Without a map, the parameters have their defaults, or are missing.
    const YamlNode nothing{.kind = YamlNode::Kind::map, .place = map_.place(key)};
    YamlNode& resolved = map_.resolved().entries.back().value;
    resolved = {.kind = YamlNode::Kind::map};
    resolved.add(name_key_, YamlNode::scalar(kind->name));
    MapReader map = map_.map_from(nothing, key, resolved);
    return chosen(kind, map);
  }

  template <class Kind>
  static scheduling::Choice<Kind> chosen(const Kind* kind, MapReader& map) {
    scheduling::Choice<Kind> choice{kind, {}};
    if (kind != nullptr) {
      choice.parameters = map.parameters(kind->parameters);
    }
    map.done();
    return choice;
  }

  MapReader& map_;
  std::string name_key_;
};

}  // namespace offcut::scenario
