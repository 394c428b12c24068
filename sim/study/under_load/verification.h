#pragma once

#include <cstdint>
#include <vector>

#include "sim/study/under_load/delay_goal.h"

namespace offcut::study {

/// Plans of all models and policies of all tiers.
struct Configuration {
  std::vector<partition::Plan> plans;              // By prepared model.
  std::vector<scheduling::Scheduling> scheduling;  // By tier.
};

/// Puts these policies, by tier, in place of the experiment's.
void set_policies(const std::vector<scheduling::Scheduling>& policies,
                  experiment::Experiment& experiment);

struct SimulatedDelay {
  Seconds mean, p95;  // Of the delays as they count, see DelayGoal.
  double missed = 0;  // The share of requests that were late, dropped or rejected.
  std::int64_t requests = 0;

  Seconds value(const DelayGoal& goal) const { return goal.value(mean, p95); }
};

/// Simulates the scenario under each configuration, with the same seed and so the same arrivals,
/// each in a process of its own. A run ends as the scenario says, but with `most` requests at the
/// latest, of which `rate` arrive per second. The math is off. The experiment stays as it is here:
/// only the processes of the runs change theirs.
std::vector<SimulatedDelay> simulate_all(experiment::Experiment& experiment,
                                         const std::vector<Configuration>& configurations,
                                         const DelayGoal& goal, std::int64_t most, PerSecond rate,
                                         const engine::ProgressSink& progress);

/// Returns the end of such a run.
engine::Stop short_stop(const engine::Stop& stop, std::int64_t most, PerSecond rate);

}  // namespace offcut::study
