#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::scenario {

/// One key as lists and documents show it. Texts have Markdown's backticks around names and values.
struct KeyText {
  std::string name;   // in capitals where it stands for names that the user chooses
  std::string owner;  // of a parameter: the algorithm, policy or codec to which it belongs
  std::string type;
  std::string bounds;  // empty if it is not a number
  std::string fallback;
  std::string doc;
  std::string example;
  bool is_map = false;
};

/// The keys of one table, or the parameters of all entries of one registry.
struct KeyBlock {
  /// The maps that have these keys; the first one is where they are shown. Empty: the document.
  std::vector<std::string> paths;
  std::string title;  // empty: these are the map's first keys
  std::string doc;
  std::string owner;  // of parameters: the key that names the entry of the registry
  std::vector<KeyText> keys;
};

/// All keys of a scenario as blocks, those of one map in sequence. The blocks of a map that has
/// keys of a block before are not repeated.
std::vector<KeyBlock> key_blocks(const Registries& registries);

/// The key at a path such as "tiers.TIER.cores", with any name instead of TIER, and all keys below
/// it. Parameters are keys of the map in which they stand. Throws std::invalid_argument, with the
/// nearest name, where there is no such key.
std::vector<KeyBlock> key_blocks_at(std::string_view path, const Registries& registries);

}  // namespace offcut::scenario
