#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "analysis/timeline/timeline_records.h"
#include "sim/engine/simulation.h"
#include "sim/experiment/moving_plans.h"
#include "sim/network/attachment.h"

namespace offcut::analysis {

/// The facts of a run that its timeline shows.
struct TimelineSubject {
  std::string scenario;
  std::uint64_t seed = 1;
  std::string plan;  // The algorithm, or what a run without requests trains with.
};

/// Collects what a run does over time and writes it as a trace for Perfetto and chrome://tracing:
/// see docs/timeline.md. It keeps a bounded number of records; of more, it keeps every 2nd, 4th,
/// 8th, ... request, each with all of its spans, and so of tasks and the rest, until the file is
/// small enough.
class Timeline {
 public:
  using PlanOf = std::function<experiment::RequestPlan(const engine::RequestRecord&)>;
  struct Limits {
    std::size_t records = 120'000;      // Of requests and spans, kept at any time.
    std::size_t instants = 20'000;      // Failures, switches and other events.
    std::size_t samples = 60'000;       // Of tiers and hops, for counters.
    std::size_t moments = 1'000;        // In the file, for each counter.
    std::int64_t bytes = 48'000'000;    // Of the file.
  };

  /// `plan_of` is empty if plans never change. The simulation, and the itineraries that its
  /// requests follow, must outlive it.
  Timeline(const engine::Simulation& simulation, TimelineSubject subject, PlanOf plan_of,
           Limits limits);
  Timeline(const engine::Simulation& simulation, TimelineSubject subject, PlanOf plan_of = {});

  /// Lets the observers ask for the spans and, unless they do so anyway, the samples of a run.
  void observe(engine::Observers& observers);
  void add(const engine::RequestRecord& request);
  void add(const engine::Span& span);
  void add(const engine::RunEvent& event);
  void add(const engine::SampleRow& sample);
  void add(const experiment::PlanSwitch& change);

  /// Writes the trace of a run that lasted so long. Returns what it has: "every 4th of 1000
  /// requests". Throws OutputError if the file can't be written.
  std::string write(const std::string& path, Seconds duration);

 private:
  void shrink();
  std::optional<TimelineOwner> largest(
      const std::array<std::int64_t, kTimelineOwners>& parts) const;
  void forget(TimelineOwner owner);
  std::string kept_text() const;

  const engine::Simulation& simulation_;
  const TimelineSubject subject_;
  const PlanOf plan_of_;
  const Limits limits_;
  const network::Attachment attachment_;
  TimelineRecords records_;
  std::int64_t batches_ = 0;
};

}  // namespace offcut::analysis
