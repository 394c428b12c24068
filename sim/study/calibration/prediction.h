#pragma once

#include <string>
#include <vector>

#include "sim/study/calibration/calibration.h"

namespace offcut::study {

/// A measured run as a scenario predicts it.
struct Prediction {
  std::vector<std::vector<double>> latencies;  // Seconds, by replication.
  LatencyParts parts{};                        // Means, with times per request in the waits.
};

/// The scenario that is simulated, and how often.
struct PredictionSettings {
  std::string scenario;                       // The file.
  std::vector<scenario::Override> overrides;  // Of the user's.
  std::size_t replications = 1;
  std::size_t parallel = 1;
  std::string folder;  // For temporary files.
};

/// Simulates each run with the times at which its requests arrived, or as a closed loop if it was
/// one, under the plan that was measured. `keys` are set before; null: none. Throws as
/// read_experiment() and run_isolated() do. REQUIRES: this process has one thread.
std::vector<Prediction> predict_runs(const std::vector<ComparableRun>& runs,
                                     const Calibration* calibration,
                                     const PredictionSettings& settings,
                                     const scenario::Registries& registries);

/// Returns the overrides that set the fitted keys, whose files it writes into `folder`.
std::vector<scenario::Override> overrides_of(const Calibration& calibration,
                                             const std::string& folder);

}  // namespace offcut::study
