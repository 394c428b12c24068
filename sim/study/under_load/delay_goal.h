#pragma once

#include <optional>
#include <vector>

#include "sim/study/under_load/load_model.h"

namespace offcut::study {

inline constexpr double kDelayQuantile = 0.95;

/// The figure that planning under load minimises: the mean, or the 95th percentile, of the delays
/// of all requests. A request that is answered after its deadline, or not at all, counts as if it
/// had taken ten times its deadline, or ten times its latency in an idle system if that is longer
/// or there is no deadline; longer delays count as they are.
struct DelayGoal {
  bool is_p95 = false;
  std::vector<Seconds> deadline;              // By class; engine::kNever: none.
  std::vector<Seconds> missed;                // By class: as which a missed request counts.
  std::vector<std::optional<Seconds>> local;  // By class: the delay of requests that are rejected,
                                              // if their device computes them.

  /// Returns the figure. Of equal 95th percentiles, such as those of missed requests, the smaller
  /// mean is better.
  Seconds value(Seconds mean, Seconds p95) const {
    constexpr double kTie = 1e-3;
    return is_p95 ? p95 + mean * kTie : mean;
  }
  /// Returns the delay as which a request counts. If it has no answer, `delay` is its age.
  Seconds counted(std::size_t request_class, Seconds delay, bool is_answered) const;
};

/// `idle` has the cuts that the idle system has.
DelayGoal delay_goal(const experiment::Experiment& experiment, const LoadModel& model,
                     const std::vector<const Cut*>& idle);

struct PredictedDelay {
  Seconds mean, p95;  // Of the delays as they count.

  Seconds value(const DelayGoal& goal) const { return goal.value(mean, p95); }
};

/// Returns the figures under that load, with the delays of a stream distributed like the idle
/// latency and a gamma variable of the wait's mean and variance.
PredictedDelay predicted_delay(const DelayGoal& goal, const LoadModel& model,
                               const SystemLoad& load);

}  // namespace offcut::study
