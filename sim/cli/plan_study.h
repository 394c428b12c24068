#pragma once

#include <string>
#include <vector>

#include "partition/studies/pareto.h"
#include "partition/studies/sensitivity.h"

namespace offcut::cli {

/// What --sensitivity says: [NAME.]WHAT=FROM..TO UNIT.
struct SensitivityStudy {
  partition::Variation variation;
  std::string name;  // "bandwidth of device-edge"
  std::string unit;  // as it was given
  double unit_si = 1;

  /// "6.18374 Mbit/s"
  std::string text(double value) const;
};

/// What --pareto says: terms of the objective, or `accuracy`, with commas between.
struct ParetoStudy {
  std::vector<std::string> names;
  std::vector<partition::FrontAxis> axes;

  bool has(const std::string& name) const;
};

/// Notes what is wrong with the text; the study is then of no use.
SensitivityStudy parse_sensitivity(const std::string& text, const partition::Problem& problem,
                                   std::vector<Diagnostic>& diagnostics);
ParetoStudy parse_pareto(const std::string& text, const partition::Problem& problem,
                         std::vector<Diagnostic>& diagnostics);

/// What one of the axes says of a plan, for people, its heading, and its column in CSV: "energy" is
/// "energy_j", "accuracy" is "accuracy loss" and "accuracy_loss".
std::string readable_value(const std::string& axis, double value);
std::string heading_of(const std::string& axis);
std::string column_of(const std::string& axis);

}  // namespace offcut::cli
