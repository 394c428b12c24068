// Describes the keys of scenarios from the tables by which the reader reads them, beginning with
// the document, and from the parameters that the entries of registries declare. A table that
// several maps have is described once, at the first of them.

#include "sim/scenario/key_texts.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <map>
#include <stdexcept>

namespace offcut::scenario {
namespace {

std::string in_code(std::string_view text) { return fmt::format("`{}`", text); }

std::string range_text(Bounds bounds, Dimension dimension) {
  bounds = finite(bounds, dimension);
  const std::string least = quantity_text(bounds.least, dimension);
  return bounds.least == bounds.most
             ? least
             : fmt::format("{} to {}", least, quantity_text(bounds.most, dimension));
}

std::string_view name_of(Dimension dimension) {
  constexpr std::string_view kNames[] = {"number",    "time",  "data",  "work",   "energy", "rate",
                                         "bandwidth", "speed", "power", "length", "speed"};
  return kNames[static_cast<std::size_t>(dimension)];
}

std::string choices_text(const std::vector<std::string>& choices) {
  std::vector<std::string> codes;
  for (const std::string& choice : choices) {
    codes.push_back(in_code(choice));
  }
  return fmt::format("{}", fmt::join(codes, ", "));
}

std::string single_type(const KeySpec& spec) {
  switch (spec.kind) {
    case ValueKind::number:
      return std::string(name_of(spec.dimension));
    case ValueKind::whole:
      return "whole number";
    case ValueKind::flag:
      return "`true`, `false`";
    case ValueKind::text:
      return spec.registry.empty() ? "text" : fmt::format("text (`offcut list {}`)", spec.registry);
    case ValueKind::file:
      return "file";
    case ValueKind::choice:
      return choices_text(split_list(spec.choices));
    case ValueKind::name:
      return spec.registry.empty() ? "name" : fmt::format("name (`offcut list {}`)", spec.registry);
    case ValueKind::map:
      return "map";
    case ValueKind::map_or_file:
      return "map or file";
    case ValueKind::any:
      break;
  }
  return "value";
}

bool takes_map(const KeySpec& spec) {
  return spec.kind == ValueKind::map || spec.kind == ValueKind::map_or_file ||
         (spec.below != nullptr && spec.kind != ValueKind::file);
}

std::string type_of(const KeySpec& spec) {
  std::string type = single_type(spec);
  if (spec.lists == Lists::only) {
    type.insert(std::min(type.find(" ("), type.size()), "s");
    type.insert(0, "list of ");
  }
  if (spec.lists == Lists::also) {
    type += ", or a list";
  }
  return takes_map(spec) && spec.kind != ValueKind::map && spec.kind != ValueKind::map_or_file
             ? type + ", or a map"
             : type;
}

// Parameters.

std::string type_of(const ParameterSpec& spec) {
  std::string type = !spec.one_of.empty() ? choices_text(spec.one_of)
                     : spec.is_file       ? "file"
                     : spec.is_text       ? "text"
                     : spec.is_whole      ? "whole number"
                                          : std::string(name_of(spec.dimension));
  return !spec.is_list ? type : spec.is_text ? type + ", or a list" : "list of " + type + "s";
}

std::string list_text(const ParameterSpec& spec, double value) {
  const std::string text = quantity_text(value, spec.dimension);
  return spec.is_list ? fmt::format("[{}]", text) : text;
}

/// Returns a valid value: the example, or else the default.
std::string value_of(const ParameterSpec& spec) {
  constexpr double kUsual = 1;
  constexpr double kUsualCount = 4;
  if (!spec.example.empty()) {
    return spec.example;
  }
  if (!spec.one_of.empty()) {
    return spec.one_of.front();
  }
  const double usual = spec.most <= 1 ? spec.most / 2 : spec.is_whole ? kUsualCount : kUsual;
  return list_text(spec, spec.fallback.value_or(std::clamp(usual, spec.least, spec.most)));
}

}  // namespace

KeyText key_text(const KeySpec& spec) {
  KeyText text{.name = std::string(spec.name),
               .type = type_of(spec),
               .fallback = !spec.fallback.empty() ? in_code(spec.fallback)
                           : spec.required()      ? "required"
                                                  : std::string(spec.absent),
               .doc = std::string(spec.doc),
               .example = std::string(spec.example),
               .is_map = spec.below != nullptr};
  if (spec.kind == ValueKind::number || spec.kind == ValueKind::whole) {
    text.bounds = range_text(spec.bounds, spec.dimension);
  }
  return text;
}

KeyText key_text(const ParameterSpec& spec, const ParameterOwner& owner, const KeySpec& key,
                 const std::string& path) {
  KeyText text{.name = spec.name,
               .owner = owner.name,
               .type = type_of(spec),
               .fallback = !spec.one_of.empty()       ? in_code(spec.one_of.front())
                           : spec.fallback            ? in_code(list_text(spec, *spec.fallback))
                           : !spec.absent.empty()     ? spec.absent
                           : !spec.instead_of.empty() ? "instead of " + in_code(spec.instead_of)
                           : is_required(spec) && are_keys(key) ? "required"
                                                                : "none",
               .doc = spec.doc};
  if (!spec.is_text && spec.one_of.empty()) {
    text.bounds = range_text({spec.least, spec.most}, spec.dimension);
  }
  if (!are_keys(key)) {
    text.example = fmt::format("{}: {}:{}={}", key.name, owner.name, spec.name, value_of(spec));
    return text;
  }
  text.example =
      fmt::format("{}: {{{}: {}", path.substr(path.rfind('.') + 1), key.name, owner.name);
  for (const ParameterSpec& other : *owner.parameters) {
    if (&other == &spec || (is_required(other) && other.name != spec.instead_of)) {
      text.example += fmt::format(", {}: {}", other.name, value_of(other));
    }
  }
  text.example += '}';
  return text;
}

namespace {

KeyBlock parameter_block(const KeySpec& key, const std::vector<ParameterOwner>& owners,
                         const std::string& path) {
  KeyBlock block{.paths = {path},
                 .title = fmt::format("Parameters of {}", key.registry),
                 .doc = are_keys(key)
                            ? fmt::format("They are keys of the same map as `{}`.", key.name)
                            : "They are part of the codec's text.",
                 .owner = std::string(key.name)};
  for (const ParameterOwner& owner : owners) {
    for (const ParameterSpec& spec : *owner.parameters) {
      block.keys.push_back(key_text(spec, owner, key, path));
    }
  }
  return block;
}

std::string path_below(const std::string& path, std::string_view name) {
  return path.empty() ? std::string(name) : fmt::format("{}.{}", path, name);
}

/// Collects the blocks of maps, each table once.
class Collector {
 public:
  explicit Collector(const Registries& registries) : registries_(registries) {}

  void add_map(const KeyTable& map, const std::string& path) {
    std::vector<const KeyTable*> found;
    for (const KeyTable* table = &map; table != nullptr; table = table->more) {
      const auto [known, is_new] = known_.emplace(table, std::vector<std::size_t>());
      if (is_new) {
        found.push_back(table);
        known->second = add_blocks(*table, path, table == &map ? "" : std::string(table->title));
      } else {
        for (const std::size_t block : known->second) {
          blocks_[block].paths.push_back(path);
        }
      }
    }
    for (const KeyTable* table : found) {
      for (const KeySpec& spec : table->keys) {
        if (spec.below != nullptr) {
          add_map(*spec.below, path_below(path, spec.name));
        }
      }
    }
  }

  std::vector<KeyBlock> take() { return std::move(blocks_); }

 private:
  std::vector<std::size_t> add_blocks(const KeyTable& table, const std::string& path,
                                      std::string title) {
    std::vector<std::size_t> added = {blocks_.size()};
    blocks_.push_back({.paths = {path}, .title = std::move(title), .doc = std::string(table.doc)});
    for (const KeySpec& spec : table.keys) {
      blocks_[added.front()].keys.push_back(key_text(spec));
    }
    for (const KeySpec& spec : table.keys) {
      if (const std::vector<ParameterOwner> owners = owners_of(spec, registries_); !owners.empty()) {
        added.push_back(blocks_.size());
        blocks_.push_back(parameter_block(spec, owners, path));
      }
    }
    return added;
  }

  const Registries& registries_;
  std::map<const KeyTable*, std::vector<std::size_t>> known_;
  std::vector<KeyBlock> blocks_;
};

/// The parameters of that name which stand in a map of this table.
std::vector<KeyBlock> parameters_named(std::string_view name, const KeyTable& map,
                                       const std::string& path, const Registries& registries) {
  std::vector<KeyBlock> blocks;
  for (const KeyTable* table = &map; table != nullptr; table = table->more) {
    for (const KeySpec& spec : table->keys) {
      const std::vector<ParameterOwner> owners = owners_of(spec, registries);
      if (owners.empty() || !are_keys(spec)) {
        continue;
      }
      KeyBlock block = parameter_block(spec, owners, path);
      std::erase_if(block.keys, [&](const KeyText& key) { return key.name != name; });
      if (!block.keys.empty()) {
        blocks.push_back(std::move(block));
      }
    }
  }
  return blocks;
}

std::vector<std::string> names_in(const KeyTable& map, const Registries& registries) {
  std::vector<std::string> names;
  for (const KeyTable* table = &map; table != nullptr; table = table->more) {
    for (const KeySpec& spec : table->keys) {
      names.emplace_back(spec.name);
      for (const ParameterOwner& owner : owners_of(spec, registries)) {
        for (const ParameterSpec& parameter : *owner.parameters) {
          if (are_keys(spec) &&
              std::find(names.begin(), names.end(), parameter.name) == names.end()) {
            names.push_back(parameter.name);
          }
        }
      }
    }
  }
  return names;
}

/// Returns the first path of a key of this name anywhere in a scenario; empty if there is none.
std::string path_of_key(std::string_view name, const Registries& registries) {
  for (const KeyBlock& block : key_blocks(registries)) {
    for (const KeyText& key : block.keys) {
      if (key.name == name && !block.paths.empty()) {
        return path_below(block.paths.front(), name);
      }
    }
  }
  return {};
}

}  // namespace

std::string quantity_text(double si, Dimension dimension) {
  std::string text = to_text(si, dimension);
  std::string readable = to_readable(si, dimension);
  return readable.size() < text.size() && parse_quantity(readable, dimension) == si ? readable
                                                                                    : text;
}

std::vector<KeyBlock> key_blocks(const Registries& registries) {
  Collector collector(registries);
  collector.add_map(kScenarioKeys, "");
  return collector.take();
}

std::vector<KeyBlock> key_blocks_at(std::string_view path, const Registries& registries) {
  const KeyTable* table = &kScenarioKeys;
  std::string above;
  for (std::size_t begin = 0;;) {
    const std::size_t end = std::min(path.find('.', begin), path.size());
    const std::string_view name = path.substr(begin, end - begin);
    const bool is_last = end == path.size();
    const KeySpec* spec = table->find(name);
    if (spec == nullptr && is_last) {
      if (auto blocks = parameters_named(name, *table, above, registries); !blocks.empty()) {
        return blocks;
      }
    }
    if (spec == nullptr || name.empty()) {
      const std::string elsewhere = path_of_key(path.substr(path.rfind('.') + 1), registries);
      throw std::invalid_argument(
          fmt::format("unknown key {}{}", in_quotes(path_below(above, name)),
                      elsewhere.empty() ? suggestion(name, names_in(*table, registries))
                                        : fmt::format("; did you mean {}?", in_quotes(elsewhere))));
    }
    if (is_last) {
      std::vector<KeyBlock> blocks = {{.paths = {above}, .keys = {key_text(*spec)}}};
      if (spec->below != nullptr) {
        Collector collector(registries);
        collector.add_map(*spec->below, path_below(above, name));
        const std::vector<KeyBlock> below = collector.take();
        blocks.insert(blocks.end(), below.begin(), below.end());
      }
      return blocks;
    }
    above = path_below(above, name);
    if (spec->below == nullptr) {
      throw std::invalid_argument(fmt::format("the key {} has no keys below", in_quotes(above)));
    }
    table = spec->below;
    begin = end + 1;
  }
}

}  // namespace offcut::scenario
