#pragma once

#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Returns what the radio adds to a request that finds it idle; nothing if it is unknown.
partition::RadioOverhead radio_overhead(const std::optional<cost::Radio>& radio);

/// Adds the plan's objective and limits, and the scenario's power draws and prices, to the problem.
/// Throws InputError if the limits do not fit the model.
void set_goal(const Graph& graph, const scenario::Scenario& scenario,
              const scenario::PlanChoice& plan, partition::Problem& problem);

}  // namespace offcut::experiment
