#pragma once

#include <map>
#include <string>
#include <vector>

#include "sim/study/calibration/link_fit.h"
#include "sim/study/calibration/measured_plan.h"
#include "sim/study/calibration/tier_fit.h"

namespace offcut::study {

/// A key of a scenario with its fitted value.
struct FittedKey {
  std::vector<std::string> keys;  // The path: {"tiers", "device", "per-request"}.
  std::string value;              // YAML. In it, kFolder stands for the folder of `files`.
  std::string given;              // The value before, for people.
  std::string fitted;             // The new one, for people.
  std::string interval;           // The same; empty: there is none.
  std::string origin;             // "median of 412 requests that waited".

  std::string path() const;
  /// The value with its files in a folder; empty: beside the scenario.
  std::string value_in(const std::string& folder) const;
  /// The comment that the file has on it.
  std::string comment() const;
};
inline constexpr const char* kFolder = "@FOLDER@";

/// A scenario's keys, fitted to measured runs.
struct Calibration {
  std::vector<FittedKey> keys;
  std::map<std::string, std::string> files;  // Empirical noise: the text of each CSV file by name.
  std::vector<std::string> notes;            // Figures that were not fitted, and contradictions.
};

/// A measured run that an experiment can be compared with.
struct ComparableRun {
  const MeasuredRun* run = nullptr;
  MeasuredPlan plan;
};

/// Fits the scenario to the runs, each part from the columns that show it. The names of files begin
/// with `stem`. Times of tiers that grow with the load are those at `rate`, in requests per second,
/// or else at the mean of the loaded runs. REQUIRES: check_comparable() accepts the scenario, and
/// there are runs.
Calibration fit_scenario(const experiment::Experiment& experiment,
                         const std::vector<ComparableRun>& runs, const std::string& stem,
                         std::optional<double> rate = {});

}  // namespace offcut::study
