#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut {

/// One setting of an algorithm, an arrival process or the like, as a scenario gives it. The reader
/// checks names, units and bounds against this record, and `offcut list` prints it, so each setting
/// is described once.
struct ParameterSpec {
  std::string name;
  Dimension dimension = Dimension::number;
  bool is_whole = false;  // The value and its bounds are whole numbers.
  /// The value is a list of numbers, empty by default; or a text that may also be a list of texts,
  /// which Parameters::text() joins with line feeds.
  bool is_list = false;
  bool is_text = false;             // The value is a text instead of a number, and required.
  bool is_file = false;             // The text names a file; reading replaces it by its path.
  std::vector<std::string> one_of;  // The valid texts; the first one is the default.
  std::optional<double> fallback;   // The default in SI; a parameter without one is required.
  double least = 0;                 // The bounds are inclusive.
  double most = 1e300;
  std::string doc;
  std::string example;  // A value, for documents. Required of a text without choices.
  /// The name of a required parameter in whose place this one may be given: exactly one of both is.
  /// The other one is then 0.
  std::string instead_of;
  /// The default in words, of a text that may be missing and is then empty.
  std::string absent;
  bool is_tier = false;  // The text names a tier of the scenario.
};

/// Holds checked values by name, numbers in SI.
class Parameters {
 public:
  void set(std::string name, double value) { values_[std::move(name)] = value; }
  void set(std::string name, std::string text) { texts_[std::move(name)] = std::move(text); }
  void set(std::string name, std::vector<double> list) {
    lists_[std::move(name)] = std::move(list);
  }
  /// REQUIRES: the parameter is in the owner's specs, and of that type (otherwise std::out_of_range
  /// with its name).
  double at(const std::string& name) const;
  const std::string& text(const std::string& name) const;
  const std::vector<double>& list(const std::string& name) const;

 private:
  std::map<std::string, double> values_;
  std::map<std::string, std::string> texts_;
  std::map<std::string, std::vector<double>> lists_;
};

/// Returns every parameter at its default; a required one is 0 or an empty text.
Parameters defaults(const std::vector<ParameterSpec>& specs);

}  // namespace offcut
