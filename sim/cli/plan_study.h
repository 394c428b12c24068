#pragma once

#include <string>
#include <vector>

#include "partition/studies/sensitivity.h"
#include "sim/cli/pareto_axes.h"

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
  std::vector<const ParetoAxis*> axes;  // In the order of the option.

  bool has(const ParetoAxis& axis) const;
  std::vector<partition::FrontAxis> front_axes() const;
};

/// Reads the value of the option. If it adds diagnostics, the study must not be used.
SensitivityStudy parse_sensitivity(const std::string& text, const partition::Problem& problem,
                                   std::vector<Diagnostic>& diagnostics);
ParetoStudy parse_pareto(const std::string& text, const partition::Problem& problem,
                         std::vector<Diagnostic>& diagnostics);

}  // namespace offcut::cli
