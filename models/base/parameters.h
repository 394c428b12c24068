#pragma once

#include <map>
#include <optional>
#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut {

/// One setting of an algorithm, an arrival process or the like, as a scenario gives it. The reader
/// checks names, units and bounds from this record, and `offcut list` prints it: it is written down
/// once.
struct ParameterSpec {
  std::string name;
  Dimension dimension = Dimension::number;
  bool is_text = false;             // a text instead of a number, required
  std::vector<std::string> one_of;  // of a text: these, the first unless it is given
  std::optional<double> fallback;   // SI; required where there is none
  double least = 0;                 // bounds, both inclusive
  double most = 1e300;
  std::string doc;
};

/// Checked values by name, numbers in SI.
class Parameters {
 public:
  void set(std::string name, double value) { values_[std::move(name)] = value; }
  void set(std::string name, std::string text) { texts_[std::move(name)] = std::move(text); }
  /// REQUIRES: the parameter is in the owner's specs (std::out_of_range otherwise).
  double at(const std::string& name) const { return values_.at(name); }
  const std::string& text(const std::string& name) const { return texts_.at(name); }

 private:
  std::map<std::string, double> values_;
  std::map<std::string, std::string> texts_;
};

/// Every parameter at its default; a required one: 0, or an empty text.
Parameters defaults(const std::vector<ParameterSpec>& specs);

}  // namespace offcut
