#pragma once

#include <string>
#include <vector>

#include "sim/scenario/yaml/yaml_node.h"

namespace offcut::study {

/// The most steps of an axis.
inline constexpr std::size_t kMostSteps = 1'000'000;

/// A range of numbers with a unit, as {from: 1 Mbit/s, to: 100 Mbit/s, scale: log}.
struct NumberRange {
  double from = 0, to = 0;
  std::string unit;  // Empty: none.
  bool is_log = false;
  bool is_whole = false;

  /// Returns the text of the value at a share of the range, from 0 to 1, with at most 12 digits.
  std::string value_at(double share) const;
};

/// Reads the bounds and the scale of a range from a map, which may also have these keys. Adds errors
/// about `path` to `diagnostics`.
NumberRange read_range(const scenario::YamlNode& map, const std::string& path,
                       std::vector<Diagnostic>& diagnostics,
                       const std::vector<std::string>& further_keys = {});

/// Returns the values of an axis, each as YAML on one line:
///
/// - a list, `[1 Mbit/s, 2 Mbit/s]`, or with a common unit, `[1, 2] Mbit/s`;
/// - whole numbers, `1..64`;
/// - a range, {from: 1 Mbit/s, to: 100 Mbit/s} with `points: 5` (and `scale: log`), `step: 3
/// Mbit/s`
///   or `factor: 2`; with `whole: true`, rounded, each value once;
/// - anything else is one value.
///
/// Adds errors about `path`; the result may then be empty.
std::vector<std::string> axis_values(const scenario::YamlNode& node, const std::string& path,
                                     std::vector<Diagnostic>& diagnostics);

/// Puts quotes around lists with a common unit, which are not YAML: "up: [1, 2] Mbit/s". All other
/// values stay where they are.
std::string quote_lists_with_units(std::string text);

}  // namespace offcut::study
