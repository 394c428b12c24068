#pragma once

#include <limits>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "models/base/units.h"

namespace offcut::scenario {

/// Bounds of a number, both inclusive.
struct Bounds {
  double least = 0;
  double most = std::numeric_limits<double>::infinity();
};

/// "at least 0 s", "between 1 and 16".
std::string bounds_text(Bounds bounds, Dimension dimension);

enum class ValueKind {
  number,      // of KeySpec::dimension
  whole,       // a whole number
  flag,        // true or false
  text,        // any text
  file,        // the name of a file
  choice,      // one of KeySpec::choices
  name,        // one of the names that the program, or the scenario, has
  map,         // of the keys `below`
  map_or_file  // the same, or the name of a file that holds it
};

/// Whether a key takes a list of such values.
enum class Lists { none, also, only };

struct KeyTable;

/// The declaration of one key of a map: the reader takes kind, default, bounds and choices from it,
/// and `offcut list keys` prints it. A key is written down once.
struct KeySpec {
  /// A name in capitals (TIER) stands for all names that the user chooses.
  std::string_view name;
  ValueKind kind = ValueKind::map;
  Dimension dimension = Dimension::number;
  Bounds bounds;
  std::string_view choices;   // with commas between: "off, sampled, every"
  std::string_view noun;      // of a name or choice, for messages: "unknown NOUN 'x'"
  std::string_view registry;  // of the names and their parameters, as `offcut list` calls it
  Lists lists = Lists::none;
  const KeyTable* below = nullptr;  // the keys of its map, which a key of any kind may also take
  /// What holds where the key is missing: a default, as the scenario could say it, or words about
  /// what happens. A key with neither is required.
  std::string_view fallback;
  std::string_view absent;
  std::string_view doc;  // whole sentences
  /// A setting of the key ("cores: 4"), or of a map around it by its key or by a name in it:
  /// "noise: {kind: lognormal, cv: 20 %}", "edge: {is: t4, cores: 4}".
  std::string_view example;

  bool is_placeholder() const { return name.front() >= 'A' && name.front() <= 'Z'; }
  bool required() const { return fallback.empty() && absent.empty(); }
};

/// The keys of one kind of map.
struct KeyTable {
  std::string_view doc;  // what the map is, in whole sentences
  std::span<const KeySpec> keys;
  const KeyTable* more = nullptr;  // whose keys belong to this map, too
  std::string_view title;          // of a table whose keys belong to other maps, too

  /// The declaration of a key, which a placeholder may stand for; null where there is none.
  const KeySpec* find(std::string_view key) const;
};

/// The texts of "a, b, c", or of "[a, b, c]".
std::vector<std::string> split_list(std::string_view text);

}  // namespace offcut::scenario
