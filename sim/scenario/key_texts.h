#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/parameter_keys.h"
#include "sim/scenario/scenario.h"

namespace offcut::scenario {

/// One key as lists and documents show it. Texts have Markdown's backticks around names and values.
struct KeyText {
  std::string name;   // In capitals, it stands for names that the user chooses.
  std::string owner;  // The algorithm, policy or codec of a parameter.
  std::string type;
  std::string bounds;  // Empty if the value is not a number.
  std::string fallback;
  std::string doc;
  std::string example;
  bool is_map = false;
};

/// The keys of one table, or the parameters of all entries of one registry.
struct KeyBlock {
  /// The maps that have these keys; the first one is where they are shown. Empty: the document.
  std::vector<std::string> paths;
  std::string title;  // Empty: these are the first keys of the map.
  std::string doc;
  std::string owner;  // Of parameters: the key that names the entry of the registry.
  std::vector<KeyText> keys;
};

/// Describes a key.
KeyText key_text(const KeySpec& spec);

/// Describes a parameter of the owner, which `key` of the map at `path` names.
KeyText key_text(const ParameterSpec& spec, const ParameterOwner& owner, const KeySpec& key,
                 const std::string& path);

/// Returns the shortest text that parses to exactly this quantity, given in SI units.
std::string quantity_text(double si, Dimension dimension);

/// Describes all keys of a scenario, the blocks of one map in sequence. A block that several maps
/// have is described once.
std::vector<KeyBlock> key_blocks(const Registries& registries);

/// Describes the key at a path such as "tiers.TIER.cores", with any name instead of TIER, and all
/// keys below it. Parameters are keys of the map in which they are written. Throws
/// std::invalid_argument, with the nearest name, if there is no such key.
std::vector<KeyBlock> key_blocks_at(std::string_view path, const Registries& registries);

}  // namespace offcut::scenario
