#pragma once

#include <optional>
#include <string>
#include <vector>

#include "analysis/statistics/latency_statistics.h"
#include "analysis/statistics/steady_state.h"
#include "analysis/statistics/training_summary.h"
#include "partition/algorithm.h"
#include "sim/experiment/moving_plans.h"
#include "sim/runtime/inference.h"

namespace offcut::analysis {

/// The times of the requests that were answered.
struct Pace {
  Seconds first_arrival, last_left, first_answer, last_answer;
  std::int64_t answers = 0;

  void add(const engine::RequestRecord& request);
};

/// The answered requests of a class and a model that left a network at one exit.
struct ExitUsage {
  std::size_t request_class = 0;
  std::size_t model = 0;  // An index of the experiment's models.
  std::size_t way = 0;    // An index of the variants of its plan's deployment.
  std::string name;
  double odds = 0;  // The planned share of the class's requests.
  std::int64_t requests = 0, labelled = 0, correct = 0;
  Seconds latency;  // Summed.

  void add(const engine::RequestRecord& request,
           const std::optional<runtime::Prediction>& prediction);
};

/// The results of a run, apart from its requests.
struct RunSummary {
  std::string algorithm;
  std::string declined;  // The reason why there is no plan. All that follows is then empty.
  std::string failed;    // The error in the algorithm. All that follows is then empty.
  std::vector<partition::Plan> plans;  // One for each of the experiment's models.
  engine::RunRecord record;
  std::optional<LatencySummary> latency;                     // Empty without an answer.
  std::vector<std::optional<LatencySummary>> class_latency;  // By class.
  /// By group of devices; empty unless there are several.
  std::vector<std::optional<LatencySummary>> group_latency;
  SteadyState steady;            // Of all answered requests, in the order of their answers.
  std::vector<ExitUsage> exits;  // Of each class, in order; empty without exits.
  Pace pace;
  std::int64_t labelled = 0;  // Answers with a label.
  std::int64_t correct = 0;   // Those with the right prediction.
  /// Set in a run with beliefs or an adaptation.
  std::optional<experiment::AdaptationFigures> adaptation;
  std::optional<Seconds> believed_latency;  // Of one request; set with beliefs and one model.
  std::optional<TrainingSummary> training;  // Set if the scenario trains.
  std::string timeline;  // The content of its timeline, in words; empty: it has none.

  bool has_run() const { return declined.empty() && failed.empty(); }
  std::optional<double> accuracy() const;
  double throughput() const;  // Answered requests per second.
  /// Returns the time from the first arrival until the devices had computed and sent all requests
  /// that were answered; none without an answer.
  std::optional<Seconds> makespan() const;
  /// Returns the mean time between two answers; none without two.
  std::optional<Seconds> period() const;
  /// Returns the measure by which a plan is judged, as the run had it.
  std::optional<Seconds> measured(partition::Measure measure) const;
  double goodput() const;  // Requests answered within their deadlines, per second.
  std::int64_t late() const;
  std::int64_t fell_back() const;
  std::int64_t failures() const;
};

/// Returns the requests of a class that were answered within their deadlines, per second.
double goodput(const engine::ClassUsage& requests, Seconds duration);

/// Returns the busy share of the time for which a tier's cores existed, 0 to 1.
double utilisation(const engine::TierUsage& tier, Seconds duration);
/// Returns the time for which a tier's machines existed, summed over machines. It is what they are
/// paid for, busy or not.
Seconds machine_time(const engine::TierUsage& tier, Seconds duration);
/// Returns the largest number of a tier's machines that existed at once.
std::size_t most_machines(const engine::TierUsage& tier);
/// Returns the predicted work of all requests that reached the tier, divided by its capacity until
/// the last of them came. Above 1, queues grow.
double offered_load(const engine::TierUsage& tier);
/// Returns the bytes that crossed, divided by what `links` links of that mean bandwidth could have
/// carried.
double link_utilisation(Bytes crossed, BytesPerSecond bandwidth, std::size_t links,
                        Seconds duration);
/// Those of a hop's own links count what crossed of messages that did not arrive.
double up_utilisation(const engine::HopUsage& hop, Seconds duration);
double down_utilisation(const engine::HopUsage& hop, Seconds duration);

/// Convert the part of a summary that the process of a run sends to its parent: record, latencies,
/// counts, and the figures of its adaptation and its training.
std::string to_json(const RunSummary& summary);
void from_json(const std::string& text, RunSummary& summary);

}  // namespace offcut::analysis
