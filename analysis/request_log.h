#pragma once

#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "analysis/statistics/run_summary.h"
#include "analysis/tables/request_table.h"
#include "sim/runtime/inference.h"
#include "sim/scenario/scenario.h"

namespace offcut::analysis {

/// Receives requests as they end: adds them to the statistics, runs their math, and writes their
/// rows of requests.csv. Keeps no requests.
class RequestLog {
 public:
  /// Returns the math of a request's model and plan; null where it is off.
  using InferenceOf = std::function<runtime::Inference*(const engine::RequestRecord&)>;
  /// Returns the plan that a request was given.
  using PlanOf = std::function<experiment::RequestPlan(const engine::RequestRecord&)>;

  /// An empty `path` means no file, an empty `inference_of` that the math of all requests is off.
  /// With an `algorithm`, each row ends with its name, and with `plan_of`, it has the columns of
  /// the plan. `simulation` must outlive it.
  RequestLog(const std::string& path, const engine::Simulation& simulation,
             InferenceOf inference_of = {}, std::optional<std::string> algorithm = {},
             PlanOf plan_of = {}, scenario::StatisticsChoice statistics = {});

  /// Without `parts`, the times on tiers and hops are 0.
  void add(const engine::RequestRecord& request, const engine::RequestParts& parts = {});
  /// Closes the file and fills in the summary's latencies, their intervals and its counts of
  /// labels. REQUIRES: the summary has its record, since a run that is not stable has no intervals.
  void finish(RunSummary& summary);

 private:
  std::optional<runtime::Prediction> predict(const engine::RequestRecord& request);
  SteadyState steady(const engine::RunRecord& record) const;
  std::string_view outcome_of(const engine::RequestRecord& request) const;
  void write(const engine::RequestRecord& request,
             const std::optional<runtime::Prediction>& prediction,
             const engine::RequestParts& parts);

  const engine::Simulation& simulation_;
  std::vector<std::string> dropped_;  // The outcome "dropped: ..." by reason.
  std::unique_ptr<RequestTableWriter> file_;
  InferenceOf inference_of_;
  PlanOf plan_of_;
  std::vector<LatencyStatistics> latencies_;  // By class.
  std::vector<LatencyStatistics>
      of_groups_;  // By group of devices; empty unless there are several.
  std::vector<std::vector<ExitUsage>> exits_;  // By family and way.
  scenario::StatisticsChoice statistics_;
  std::vector<double> in_order_;  // The latencies after a given warm-up.
  std::size_t in_warm_up_ = 0;    // Requests that arrived before its end.
  network::Attachment attachment_;
  Pace pace_;
  std::int64_t labelled_ = 0;
  std::int64_t correct_ = 0;
};

}  // namespace offcut::analysis
