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

/// Returns the bounds without infinity: the largest sensible value of the dimension is in its
/// place, so that sums and products of a few values stay finite.
Bounds finite(Bounds bounds, Dimension dimension);

/// "at least 0 s", "between 1 and 16".
std::string bounds_text(Bounds bounds, Dimension dimension);

enum class ValueKind {
  number,       // Of KeySpec::dimension.
  whole,        // A whole number.
  flag,         // "true" or "false".
  text,         // Any text.
  file,         // The name of a file.
  choice,       // One of KeySpec::choices.
  name,         // One of the names that the program or the scenario defines.
  map,          // Of the keys `below`.
  map_or_file,  // A map, or the name of a file in its place.
  any           // Any value: another reader checks it.
};

/// Says whether a key takes a list of such values.
enum class Lists { none, also, only };

struct KeyTable;

/// The declaration of one key of a map: the reader takes kind, default, bounds and choices from it,
/// and `offcut list keys` and `offcut schema` print it. A key is written down once.
struct KeySpec {
  /// A name in capitals (TIER) stands for all names that the user chooses.
  std::string_view name;
  ValueKind kind = ValueKind::map;
  Dimension dimension = Dimension::number;
  Bounds bounds;
  /// Separated by commas: "off, sampled, every". Of a name: those beside the registry's.
  std::string_view choices;
  std::string_view noun;         // Of a name or choice, for messages: "unknown NOUN 'x'".
  std::string_view registry;     // Of the names and their parameters, as `offcut list` calls it.
  std::string_view or_registry;  // A second one whose names are valid, too.
  std::string_view more_units;   // Units that the section converts, separated by commas.
  Lists lists = Lists::none;
  bool stands_alone = false;        // No other key of its map may stand beside it.
  const KeyTable* below = nullptr;  // The keys of its map, which a key of any kind may also take.
  /// A missing key has a default, as the scenario would write it, or else an effect, in words. A
  /// key with neither is required.
  std::string_view fallback;
  std::string_view absent;
  std::string_view doc;  // Whole sentences.
  /// A setting of the key ("cores: 4"), or of a map around it by its key or by a name in it:
  /// "noise: {kind: lognormal, cv: 20 %}", "edge: {is: t4, cores: 4}".
  std::string_view example;

  bool is_placeholder() const { return name.front() >= 'A' && name.front() <= 'Z'; }
  bool required() const { return fallback.empty() && absent.empty(); }
};

/// The keys of one kind of map.
struct KeyTable {
  std::string_view doc;  // Describes the map, in whole sentences.
  std::span<const KeySpec> keys;
  const KeyTable* more = nullptr;  // Its keys belong to this map, too.
  std::string_view title;          // Required if the keys belong to several maps.
  bool names_are_chosen = false;   // The user chooses the keys here; elsewhere they may be used.
  bool names_are_plain = false;    // MapReader::names() checks them.
  std::string_view exactly_one;    // Keys, separated by commas, of which a map has exactly one.

  /// The declaration of a key, which a placeholder may stand for; null where there is none.
  const KeySpec* find(std::string_view key) const;
};

/// Splits "a, b, c" or "[a, b, c]".
std::vector<std::string> split_list(std::string_view text);

}  // namespace offcut::scenario
