#pragma once

#include <list>
#include <string>
#include <vector>

#include "models/base/error.h"

namespace offcut::scenario {

/// A YAML document as a tree that knows where everything stands (yaml-cpp's own nodes forget
/// duplicate keys, and say "bad conversion" without a place). Also used to write resolved.yaml.
struct YamlNode {
  enum class Kind { null, scalar, sequence, map };
  struct Entry;

  Kind kind = Kind::null;
  Place place;
  std::string text;  // of a scalar
  std::vector<YamlNode> items;
  std::list<Entry> entries;  // of a map, in the file's order; references to them stay valid
  bool incomplete = false;   // a map that lost entries to an error

  const YamlNode* find(std::string_view key) const;

  static YamlNode scalar(std::string text);
  /// Appends to a map (and makes this one).
  YamlNode& add(std::string key, YamlNode value);
};

struct YamlNode::Entry {
  std::string key;
  Place place;  // of the key
  YamlNode value;
};

/// "a map", "a list", "'text'", "nothing": for "expected ..., got ...".
std::string describe(const YamlNode& node);

/// Parses one file, which must hold a map. What is wrong but leaves the rest readable (a key that
/// stands twice: the first one counts) is added to `errors`. Throws InputError where nothing can
/// be made of the file: it can't be read, is empty, is no text or no YAML, or is so large or so
/// deeply nested that no scenario is meant.
YamlNode read_yaml(const std::string& path, std::vector<Diagnostic>& diagnostics);

/// Replaces the value below these keys, from the outermost map inwards, adding maps on the way;
/// what it adds carries `place`. `value` is parsed as YAML. Throws InputError where a step on the
/// way is no map or a key is empty, or the value no YAML.
void set_path(YamlNode& root, const std::vector<std::string>& keys, const std::string& value,
              const Place& place);

std::string to_yaml(const YamlNode& node);

}  // namespace offcut::scenario
