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
  bool is_whole = false;            // a whole number, as its bounds are
  bool is_list = false;             // any number of such numbers; none unless they are given
  bool is_text = false;             // a text instead of a number, required
  bool is_file = false;             // of a text: a file's name, and once it is found its path
  std::vector<std::string> one_of;  // of a text: these, the first unless it is given
  std::optional<double> fallback;   // SI; required where there is none
  double least = 0;                 // bounds, both inclusive
  double most = 1e300;
  std::string doc;
  std::string example;  // A value, for documents. Required of a text without choices.
};

/// Checked values by name, numbers in SI.
class Parameters {
 public:
  void set(std::string name, double value) { values_[std::move(name)] = value; }
  void set(std::string name, std::string text) { texts_[std::move(name)] = std::move(text); }
  void set(std::string name, std::vector<double> list) {
    lists_[std::move(name)] = std::move(list);
  }
  /// REQUIRES: the parameter is in the owner's specs (std::out_of_range otherwise).
  double at(const std::string& name) const { return values_.at(name); }
  const std::string& text(const std::string& name) const { return texts_.at(name); }
  const std::vector<double>& list(const std::string& name) const { return lists_.at(name); }

 private:
  std::map<std::string, double> values_;
  std::map<std::string, std::string> texts_;
  std::map<std::string, std::vector<double>> lists_;
};

/// Every parameter at its default; a required one: 0, or an empty text.
Parameters defaults(const std::vector<ParameterSpec>& specs);

}  // namespace offcut
