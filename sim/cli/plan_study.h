#pragma once

#include <string>
#include <vector>

#include "partition/studies/pareto.h"
#include "partition/studies/sensitivity.h"

namespace offcut::cli {

/// The value of --sensitivity: [NAME.]PARAMETER=FROM..TO UNIT.
struct SensitivityStudy {
  partition::Variation variation;
  std::string name;  // As in "bandwidth of device-edge".
  std::string unit;  // As the user wrote it.
  double unit_si = 1;

  /// Returns the value with its unit: "6.18374 Mbit/s".
  std::string text(double value) const;
};

/// The value of --pareto: terms of the objective, or `accuracy`, separated by commas.
struct ParetoStudy {
  std::vector<std::string> names;
  std::vector<partition::FrontAxis> axes;

  bool has(const std::string& name) const;
};

/// Reads the value of the option. If it adds diagnostics, the study must not be used.
SensitivityStudy parse_sensitivity(const std::string& text, const partition::Problem& problem,
                                   std::vector<Diagnostic>& diagnostics);
ParetoStudy parse_pareto(const std::string& text, const partition::Problem& problem,
                         std::vector<Diagnostic>& diagnostics);

/// For an axis of a front: a value for people, the heading ("accuracy loss" for "accuracy"), and
/// the name of the column in CSV ("energy_j" for "energy").
std::string readable_value(const std::string& axis, double value);
std::string heading_of(const std::string& axis);
std::string column_of(const std::string& axis);

}  // namespace offcut::cli
