#pragma once

#include <limits>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "models/base/parameters.h"
#include "sim/scenario/yaml_node.h"

namespace offcut {

/// Bounds of a number, both inclusive.
struct Bounds {
  double least = -std::numeric_limits<double>::infinity();
  double most = std::numeric_limits<double>::infinity();
};

/// Reads one map of a scenario, key by key. Every getter takes its key's value, checks it, writes
/// what it used (the default too) to the resolved scenario, and on a mistake notes it and goes on
/// with a harmless value: so that all mistakes come out in one go. done() reports the keys that
/// nobody asked for.
class MapReader {
 public:
  /// `what` is the map's name in messages ("tiers.device"; empty for the document).
  MapReader(const YamlNode& node, std::string what, std::vector<Mistake>& mistakes,
            YamlNode& resolved);

  bool has(const std::string& key) const { return node_.find(key) != nullptr; }
  /// Where the key's value stands, or else the map.
  Place place(const std::string& key) const;
  const YamlNode* raw(const std::string& key);
  std::vector<std::string> keys() const;

  template <class Q>
  Q quantity(const std::string& key, std::optional<Q> fallback = {}, Bounds bounds = {.least = 0}) {
    const auto value =
        number(key, kDimension<Q>, fallback ? std::optional(fallback->si()) : std::nullopt, bounds);
    return Q(value);
  }
  double number(const std::string& key, Dimension dimension, std::optional<double> fallback,
                Bounds bounds);
  std::int64_t integer(const std::string& key, std::optional<std::int64_t> fallback, Bounds bounds);
  bool flag(const std::string& key, bool fallback);
  std::string text(const std::string& key, std::optional<std::string> fallback = {});
  /// A text that must be one of `valid`. `kind` names what it is: "device", "algorithm".
  std::string one_of(const std::string& key, std::string_view kind,
                     std::span<const std::string> valid, std::optional<std::string> fallback = {});
  /// A list of texts, or a single one.
  std::vector<std::string> texts(const std::string& key,
                                 std::optional<std::vector<std::string>> fallback = {});
  /// The values of declared parameters, each checked as its record says.
  Parameters parameters(const std::vector<ParameterSpec>& specs);

  /// A reader of the map below `key`. Where the key is missing: of an empty map, and a mistake if
  /// `required`.
  MapReader map(const std::string& key, bool required);

  void mistake(const Place& place, std::string message);
  /// Notes `message` at the key's value.
  void mistake_at(const std::string& key, std::string message) {
    mistake(place(key), std::move(message));
  }
  YamlNode& resolved() { return *resolved_; }

  /// Reports keys that are not known. Call it last.
  void done();

 private:
  const YamlNode* take(const std::string& key, bool required);
  const YamlNode* take_scalar(const std::string& key, bool required);
  std::string path_of(const std::string& key) const {
    return what_.empty() ? key : what_ + "." + key;
  }

  const YamlNode& node_;
  std::string what_;
  std::vector<Mistake>* mistakes_;
  YamlNode* resolved_;
  std::vector<std::string> known_;
};

}  // namespace offcut
