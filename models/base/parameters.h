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
  std::optional<double> fallback;  // SI; required where there is none
  double least = 0;                // bounds, both inclusive
  double most = 1e300;
  std::string doc;
};

/// Checked values by name, in SI.
class Parameters {
 public:
  void set(std::string name, double value) { values_[std::move(name)] = value; }
  /// REQUIRES: the parameter is in the owner's specs (std::out_of_range otherwise).
  double at(const std::string& name) const { return values_.at(name); }

 private:
  std::map<std::string, double> values_;
};

/// Every parameter at its default. REQUIRES: all have one.
Parameters defaults(const std::vector<ParameterSpec>& specs);

}  // namespace offcut
