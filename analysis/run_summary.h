#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/latency_statistics.h"
#include "partition/algorithm.h"

namespace offcut {

/// All that is known of one run after it, but for its requests.
struct RunSummary {
  std::string algorithm;
  std::string declined;  // why the algorithm gave no plan; nothing else is filled in then
  Plan plan;
  std::vector<Plan> other_plans;  // of the scenario's other models, see Experiment
  RunRecord record;
  std::optional<LatencySummary> latency;  // none where nothing was answered
  std::int64_t labelled = 0;              // requests with a label and a prediction
  std::int64_t correct = 0;

  std::optional<double> accuracy() const;
  double throughput() const;  // answers per second
};

/// Busy share of a tier, 0 to 1.
double utilisation(const TierUsage& tier, Seconds duration);
/// Carried bytes over what the links could have carried.
double up_utilisation(const HopUsage& hop, Seconds duration);
double down_utilisation(const HopUsage& hop, Seconds duration);

/// The part that a run's own process sends to its parent: record, latency, counts.
std::string to_json(const RunSummary& summary);
void from_json(const std::string& text, RunSummary& summary);

}  // namespace offcut
