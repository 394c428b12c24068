#pragma once

#include <array>
#include <optional>
#include <string>
#include <vector>

#include "analysis/statistics/interval.h"
#include "sim/study/calibration/prediction.h"

namespace offcut::study {

inline constexpr std::array<const char*, 4> kComparedFigures = {"p50", "p95", "p99", "mean"};

/// A figure of the latencies of a run, in seconds.
struct ComparedLatency {
  analysis::Interval measured;   // By the block bootstrap: latencies follow each other in a queue.
  analysis::Interval predicted;  // The mean over replications, with the interval of that mean.
  double before = 0;             // By the given scenario.

  double error() const { return predicted.estimate / measured.estimate - 1; }
  double error_before() const { return before / measured.estimate - 1; }
};

/// A measured run beside its predictions.
struct RunComparison {
  std::string name, load, cut;
  bool held_out = false;  // Not one of the runs that its scenario was fitted to.
  std::size_t requests = 0;
  std::array<ComparedLatency, kComparedFigures.size()> figures;
  LatencyParts measured_parts{}, predicted_parts{};
  std::string busiest;  // The tier or hop with the highest load.
  double load_of_busiest = 0;

  /// Returns the part whose means explain most of the miss of the mean.
  MeasuredPart part_of_miss() const;
  /// Returns whether the p99 is that of enough requests to be more than their maximum.
  bool has_p99() const { return requests >= 100; }
};

/// Compares a run with what the given and the fitted scenario predict. `fitted` is the experiment
/// of the fitted scenario.
RunComparison compare_run(const ComparableRun& run, const Prediction& before,
                          const Prediction& after, const experiment::Experiment& fitted,
                          bool held_out);

/// The errors and the order of several runs.
struct ComparisonSummary {
  struct Errors {
    double mape = 0, median = 0, median_before = 0;  // Of absolute relative errors.
    std::size_t runs = 0;
  };
  std::array<Errors, kComparedFigures.size()> figures;
  /// Of the mean latencies of different cuts under equal loads; none unless there are several.
  std::optional<double> kendall, spearman;
  std::size_t compared_cuts = 0;
  std::vector<std::string> best_cuts;  // For people: the best cut of each load, measured and not.
};
ComparisonSummary summarise(const std::vector<RunComparison>& runs);

}  // namespace offcut::study
