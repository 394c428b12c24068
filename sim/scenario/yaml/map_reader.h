#pragma once

#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "sim/scenario/yaml/key_table.h"
#include "sim/scenario/yaml/yaml_node.h"

namespace offcut::scenario {

/// Reads one map of a scenario, key by key. Every getter checks the value of its key by the key's
/// declaration, and writes the value that it used, which may be the default, to the resolved
/// scenario. After an error it continues with a harmless value, so that all errors are reported
/// together. done() reports the keys that no getter read, and those that are missing.
///
/// One error is one message: a map that is missing or not a map has no missing keys, and a misspelt
/// key is not missing as well.
///
/// REQUIRES of every getter: the table of the map declares the key, with that kind of value
/// (std::logic_error otherwise). So the list of all keys, which users read, is complete.
class MapReader {
 public:
  /// `path` is the map's name in messages ("tiers.device"; empty for the document).
  MapReader(const YamlNode& node, std::string path, const KeyTable& table,
            std::vector<Diagnostic>& diagnostics, YamlNode& resolved);

  /// Returns whether there is a map; otherwise every getter gives its default, or something
  /// harmless.
  bool present() const { return node_ != nullptr; }
  const std::string& path() const { return path_; }
  bool has(const std::string& key) const { return find(key) != nullptr; }
  bool has_scalar(const std::string& key) const {
    return has(key) && find(key)->kind == YamlNode::Kind::scalar;
  }
  /// The text of a scalar, unchecked. REQUIRES: has_scalar(key).
  const std::string& text_of(const std::string& key) const { return find(key)->text; }
  /// The place of the key's value, or else of the map.
  Place place(const std::string& key) const;
  std::vector<std::string> keys() const;
  /// The keys of a map in which the user chooses them, as names of a `kind` of entry ("tier"). They
  /// are used in CSV files and --set paths; a name that can't be is an error. REQUIRES: the table
  /// declares that names are plain.
  std::vector<std::string> names(std::string_view kind);
  const KeySpec& declaration(const std::string& key) const;

  /// The value as it is; null where there is none.
  const YamlNode* raw(const std::string& key);

  /// `fallback` is a default that the declaration can't know.
  template <class Q>
  Q quantity(const std::string& key, std::optional<Q> fallback = {}) {
    return Q(
        number_of(key, kDimension<Q>, fallback ? std::optional(fallback->si()) : std::nullopt));
  }
  double number(const std::string& key, std::optional<double> fallback = {}) {
    return number_of(key, Dimension::number, fallback);
  }
  /// Nothing where the key is missing.
  template <class Q>
  std::optional<Q> quantity_if_given(const std::string& key) {
    return raw(key) != nullptr ? std::optional(quantity<Q>(key)) : std::nullopt;
  }
  std::optional<double> number_if_given(const std::string& key) {
    return raw(key) != nullptr ? std::optional(number(key)) : std::nullopt;
  }
  /// A whole number, also written 1e6. `bounds` replaces those of the declaration. REQUIRES: bounds
  /// of at most 2^53.
  std::int64_t integer(const std::string& key, std::optional<Bounds> bounds = {});
  std::size_t count(const std::string& key) { return static_cast<std::size_t>(integer(key)); }
  bool flag(const std::string& key);
  /// A text, or the name of a file, also where a map may stand.
  std::string text(const std::string& key, std::optional<std::string> fallback = {});
  /// One of the declared choices. A misspelt one is an error and gives the nearest, so that keys
  /// that depend on it are read as they were meant. None if none is near, or there is no value.
  std::optional<std::string> choice(const std::string& key);
  /// Likewise, one of these names.
  std::optional<std::string> one_of(const std::string& key, std::span<const std::string> names,
                                    std::optional<std::string> fallback = {});
  /// A list of such names, or a single one, without those that are unknown.
  /// `fallback` is a default that the declaration can't know.
  std::vector<std::string> some_of(const std::string& key, std::span<const std::string> names,
                                   std::optional<std::vector<std::string>> fallback = {});
  /// The values of declared parameters, except for files, which are left to the caller.
  Parameters parameters(const std::vector<ParameterSpec>& specs);
  /// The name of the file that a parameter is.
  std::string file_name(const ParameterSpec& spec) { return take_text(spec.name, {}); }

  /// A reader of the map below `key`. It is an error if the value is not a map, or if it is missing
  /// although the declaration, or `required` in its place, requires it.
  MapReader map(const std::string& key, std::optional<bool> required = {});
  /// A reader of `node` in place of the map below `key`, which has a short form.
  MapReader map_from(const YamlNode& node, const std::string& key, YamlNode& resolved) const;
  /// Readers of the maps in the list below `key`. REQUIRES: it is a list.
  std::vector<MapReader> maps(const std::string& key);

  /// Notes an error: "<map>.<key>: message" at the key's value.
  void error(const std::string& key, const std::string& message);
  /// Notes the error that a key, valid in other places, does not belong to this map. The table need
  /// not declare it, and it is not among the keys that done() suggests.
  void reject(const std::string& key, const std::string& message);
  /// Notes that one of these keys is missing. done() reports it, unless one is merely misspelt.
  void missing(std::vector<std::string> keys, std::string message);
  /// Reports no more unknown or missing keys: which keys are valid depends on an invalid value.
  void ignore_rest() { ignore_rest_ = true; }
  /// Reports unknown and missing keys. Call it last.
  void done();

  YamlNode& resolved() { return *resolved_; }
  std::vector<Diagnostic>& diagnostics() { return *diagnostics_; }

 private:
  struct Missing {
    std::vector<std::string> keys;
    std::string message;
  };

  /// Constructs a reader for a missing map.
  MapReader(std::string path, const KeyTable& table, std::vector<Diagnostic>& diagnostics,
            YamlNode& resolved);
  const YamlNode* find(const std::string& key) const {
    return node_ != nullptr ? node_->find(key) : nullptr;
  }
  const KeySpec& declaration(const std::string& key, ValueKind kind) const;
  const KeyTable& table_below(const std::string& key) const;
  double number_of(const std::string& key, Dimension dimension, std::optional<double> fallback);

  // Getters of declared keys and of parameters.
  const YamlNode* take(const std::string& key, bool required);
  const YamlNode* take_scalar(const std::string& key, bool required);
  double take_number(const std::string& key, Dimension dimension, std::optional<double> fallback,
                     Bounds bounds);
  std::int64_t take_integer(const std::string& key, std::optional<std::int64_t> fallback,
                            Bounds bounds);
  std::string take_text(const std::string& key, std::optional<std::string> fallback);
  std::optional<std::string> take_one_of(const std::string& key, std::string_view noun,
                                         std::span<const std::string> valid,
                                         std::optional<std::string> fallback);
  double take_parameter(const ParameterSpec& spec);
  bool is_absent(const ParameterSpec& spec, const std::vector<ParameterSpec>& specs);
  std::string take_texts(const std::string& key);
  std::vector<double> take_list(const ParameterSpec& spec);
  std::string path_of(const std::string& key) const {
    return path_.empty() ? key : path_ + "." + key;
  }

  const YamlNode* node_ = nullptr;
  std::string path_;
  const KeyTable* table_;
  std::vector<Diagnostic>* diagnostics_;
  YamlNode* resolved_;
  std::vector<std::string> known_;
  std::vector<std::string> rejected_;
  std::vector<Missing> missing_;
  bool ignore_rest_ = false;
};

}  // namespace offcut::scenario
