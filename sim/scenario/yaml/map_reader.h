#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "sim/scenario/yaml/yaml_node.h"

namespace offcut::scenario {

/// Bounds of a number, both inclusive.
struct Bounds {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

/// Reads one map of a scenario, key by key. Every getter takes its key's value, checks it, writes
/// what it used (the default too) to the resolved scenario, and on an error notes it and goes on
/// with a harmless value: so that all errors come out in one go. done() reports the keys that
/// nobody asked for, and those that are missing.
///
/// One error is one message: a map that is missing or is no map has no missing keys, and a key
/// that is misspelt is not missing too.
class MapReader {
 public:
  /// `what` is the map's name in messages ("tiers.device"; empty for the document).
  MapReader(const YamlNode& node, std::string what, std::vector<Diagnostic>& diagnostics,
            YamlNode& resolved);

  /// Whether there is a map; otherwise every getter gives its default, or something harmless.
  bool present() const { return node_ != nullptr; }
  const std::string& what() const { return what_; }
  bool has(const std::string& key) const { return find(key) != nullptr; }
  /// Where the key's value stands, or else the map.
  Place place(const std::string& key) const;
  /// The value as it is; null where there is none.
  const YamlNode* raw(const std::string& key);
  std::vector<std::string> keys() const;
  /// The keys of a map in which the user chooses them, as names of a `kind` of thing ("tier"): they
  /// go into CSV columns and --set paths. Notes those that can't.
  std::vector<std::string> names(std::string_view kind);

  template <class Q>
  Q quantity(const std::string& key, std::optional<Q> fallback = {}, Bounds bounds = {.least = 0}) {
    const auto value =
        number(key, kDimension<Q>, fallback ? std::optional(fallback->si()) : std::nullopt, bounds);
    return Q(value);
  }
  double number(const std::string& key, Dimension dimension, std::optional<double> fallback,
                Bounds bounds);
  /// Also written 1e6. REQUIRES: bounds of at most 2^53.
  std::int64_t integer(const std::string& key, std::optional<std::int64_t> fallback, Bounds bounds);
  bool flag(const std::string& key, bool fallback);
  std::string text(const std::string& key, std::optional<std::string> fallback = {});
  /// A text that must be one of `valid`. `kind` names what it is: "device", "algorithm". A misspelt
  /// one is an error and gives the nearest, so that what depends on it is read as it was meant.
  /// None where nothing is near, or there is no value: then nothing is known of what depends on it.
  std::optional<std::string> one_of(const std::string& key, std::string_view kind,
                                    std::span<const std::string> valid,
                                    std::optional<std::string> fallback = {});
  /// A list of such texts, or a single one. Leaves out those that are unknown.
  std::vector<std::string> some_of(const std::string& key, std::string_view kind,
                                   std::span<const std::string> valid,
                                   const std::vector<std::string>& fallback);
  /// The values of declared parameters, each checked as its record says; but for files, which
  /// whoever knows where to look for them reads.
  Parameters parameters(const std::vector<ParameterSpec>& specs);

  /// A reader of the map below `key`; an error where that is no map, or missing though `required`.
  MapReader map(const std::string& key, bool required);

  /// Notes an error: "<map>.<key>: message" at the key's value.
  void error(const std::string& key, const std::string& message);
  /// Notes that of these keys one is needed, as done() reports it.
  void missing(std::vector<std::string> keys, std::string message);
  /// No key is unknown or missing from here on: what belongs here depends on something invalid.
  void ignore_rest() { ignore_rest_ = true; }
  /// Reports keys that are not known, and those that are missing. Call it last.
  void done();

  YamlNode& resolved() { return *resolved_; }

 private:
  struct Missing {
    std::vector<std::string> keys;
    std::string message;
  };

  /// Of a map that is not there.
  MapReader(std::string what, std::vector<Diagnostic>& diagnostics, YamlNode& resolved);
  const YamlNode* find(const std::string& key) const {
    return node_ != nullptr ? node_->find(key) : nullptr;
  }
  double value_of(const ParameterSpec& spec);
  std::vector<double> list_of(const ParameterSpec& spec);
  const YamlNode* take(const std::string& key, bool required);
  const YamlNode* take_scalar(const std::string& key, bool required);
  std::string path_of(const std::string& key) const {
    return what_.empty() ? key : what_ + "." + key;
  }

  const YamlNode* node_ = nullptr;
  std::string what_;
  std::vector<Diagnostic>* diagnostics_;
  YamlNode* resolved_;
  std::vector<std::string> known_;
  std::vector<Missing> missing_;
  bool ignore_rest_ = false;
};

}  // namespace offcut::scenario
