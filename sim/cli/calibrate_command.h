#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "sim/scenario/scenario.h"
#include "sim/study/calibration/comparison_of_runs.h"

namespace offcut::cli {

struct CalibrateArguments {
  std::vector<std::string> measured;  // Folders.
  std::vector<std::string> holdout;   // Folders.
  std::string scenario, out;
  std::string csv;  // File for the comparison; empty: none.
  std::int64_t replications = 10;
  std::optional<std::int64_t> jobs;
};

int calibrate(const CalibrateArguments& arguments, const scenario::Registries& registries);

/// The best plan for an idle system, by the given and by the fitted scenario.
struct BestCuts {
  std::string algorithm;
  std::string before, after;  // "after pool5"; empty: the algorithm declined.
  double latency_before = 0, latency_after = 0;
};

/// The findings of `offcut calibrate`.
struct CalibrationReport {
  study::Calibration calibration;
  std::vector<study::RunComparison> runs;
  study::ComparisonSummary summary;
  BestCuts best;
  std::vector<std::string> warnings;
};

// The report for people, for programs, and as a table.
std::string calibration_text(const CalibrationReport& report);
void add_calibration_json(const CalibrationReport& report);
void write_comparison(const CalibrationReport& report, const std::string& path);

}  // namespace offcut::cli
