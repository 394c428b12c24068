#pragma once

#include <string>
#include <vector>

#include "partition/pareto.h"
#include "partition/sensitivity.h"

namespace offcut::cli {

/// What --sensitivity says: [NAME.]WHAT=FROM..TO UNIT.
struct SensitivityStudy {
  Variation variation;
  std::string name;  // "bandwidth of device-edge"
  std::string unit;  // as it was given
  double unit_si = 1;

  /// "6.18374 Mbit/s"
  std::string text(double value) const;
};

/// What --pareto says: terms of the objective, with commas between.
struct ParetoStudy {
  std::vector<std::string> names;
  std::vector<Objective> objectives;
};

/// Notes what is wrong with the text; the study is then of no use.
SensitivityStudy parse_sensitivity(const std::string& text, const Problem& problem,
                                   std::vector<Mistake>& mistakes);
ParetoStudy parse_pareto(const std::string& text, const Problem& problem,
                         std::vector<Mistake>& mistakes);

/// One objective's value for people, and its column in CSV: "energy" is "energy_j".
std::string readable_value(const std::string& objective, double value);
std::string column_of(const std::string& objective);

}  // namespace offcut::cli
