#pragma once

#include <string>
#include <vector>

#include "partition/studies/sensitivity.h"
#include "sim/cli/pareto_axes.h"

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
  std::vector<const ParetoAxis*> axes;  // In the order of the option.

  bool has(const ParetoAxis& axis) const;
  std::vector<partition::FrontAxis> front_axes() const;
};

/// Notes what is wrong with the text; the study is then of no use.
SensitivityStudy parse_sensitivity(const std::string& text, const partition::Problem& problem,
                                   std::vector<Diagnostic>& diagnostics);
ParetoStudy parse_pareto(const std::string& text, const partition::Problem& problem,
                         std::vector<Diagnostic>& diagnostics);

}  // namespace offcut::cli
