#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/statistics/latency_statistics.h"
#include "partition/algorithm.h"

namespace offcut::analysis {

/// What a run leaves behind, apart from its requests.
struct RunSummary {
  std::string algorithm;
  std::string declined;                // why the algorithm gave no plan; the rest is empty then
  std::string failed;                  // the error in the algorithm; the rest is empty then
  std::vector<partition::Plan> plans;  // of each of the scenario's models
  engine::RunRecord record;
  std::optional<LatencySummary> latency;                     // none where nothing was answered
  std::vector<std::optional<LatencySummary>> class_latency;  // by class
  std::int64_t labelled = 0;  // requests with a label and a prediction
  std::int64_t correct = 0;

  bool has_run() const { return declined.empty() && failed.empty(); }
  std::optional<double> accuracy() const;
  double throughput() const;       // answers per second
  double goodput() const;          // of those, the ones that met their deadlines
  std::int64_t late() const;       // answered after their deadlines
  std::int64_t fell_back() const;  // computed by the device alone, after a failure or a rejection
  std::int64_t failures() const;   // transfers and computations that were lost
};

/// Of one class: answers within their deadlines per second.
double goodput(const engine::ClassUsage& requests, Seconds duration);

/// Busy share of a tier, 0 to 1.
double utilisation(const engine::TierUsage& tier, Seconds duration);
/// The work that a tier was asked for over what it could do until the last request came, 0 to any
/// number. Above 1, queues grow.
double offered_load(const engine::TierUsage& tier);
/// Carried bytes over what so many links could have carried, each of that mean bandwidth.
double link_utilisation(Bytes carried, BytesPerSecond bandwidth, std::size_t links,
                        Seconds duration);
double up_utilisation(const engine::HopUsage& hop, Seconds duration);
double down_utilisation(const engine::HopUsage& hop, Seconds duration);

/// The part that a run's own process sends to its parent: record, latency, counts.
std::string to_json(const RunSummary& summary);
void from_json(const std::string& text, RunSummary& summary);

}  // namespace offcut::analysis
