#pragma once

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "models/base/error.h"

namespace offcut::scenario {

/// A YAML document as a tree in which every node has its place (yaml-cpp's own nodes drop duplicate
/// keys, and report "bad conversion" without a place). It is also used to write resolved.yaml.
struct YamlNode {
  enum class Kind { null, scalar, sequence, map };
  struct Entry;

  Kind kind = Kind::null;
  Place place;
  std::string text;  // Of a scalar.
  std::vector<YamlNode> items;
  std::list<Entry> entries;  // Of a map, in the file's order. References to them stay valid.
  bool incomplete = false;   // The map lost entries to an error.
  bool is_file = false;      // Of a resolved scenario: the text is the absolute path of a file.

  const YamlNode* find(std::string_view key) const;

  static YamlNode scalar(std::string text);
  /// Appends an entry; a node that is not a map becomes one.
  YamlNode& add(std::string key, YamlNode value);
};

struct YamlNode::Entry {
  std::string key;
  Place place;  // Of the key.
  YamlNode value;
};

/// Describes a node for messages: "a map", "a list", "'text'" or "nothing".
std::string describe(const YamlNode& node);

/// Parses a file, which must contain a map. Errors that leave the rest readable (a duplicate key:
/// the first one counts) are added to `diagnostics`. Throws InputError if the file can't be used at
/// all: it can't be read, is empty, is not text or not YAML, or is larger or more deeply nested
/// than any scenario.
/// `prepare` may change the text before it is parsed, without moving any value.
YamlNode read_yaml(const std::string& path, std::vector<Diagnostic>& diagnostics,
                   const std::function<std::string(std::string)>& prepare = {});

/// Parses a value that does not stand in a file of its own. All of its nodes and errors have this
/// place. Throws InputError if it is not YAML.
YamlNode parse_yaml(const std::string& value, const Place& place);

/// Replaces the value at a path of keys, the outermost first, and adds missing maps on the way; the
/// nodes that it adds have this place. `value` is parsed as YAML. Throws InputError if a step is
/// not a map, a key is empty, or the value is not YAML.
void set_path(YamlNode& root, const std::vector<std::string>& keys, const std::string& value,
              const Place& place);

std::string to_yaml(const YamlNode& node);
/// The same on one line, without a line feed.
std::string to_yaml_line(const YamlNode& node);

}  // namespace offcut::scenario
