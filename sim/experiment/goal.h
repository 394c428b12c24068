#pragma once

#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Adds the plan's objective and limits, and the scenario's power draws and prices, to the problem.
/// Throws InputError if the limits do not fit the model.
void set_goal(const Graph& graph, const scenario::Scenario& scenario,
              const scenario::PlanChoice& plan, partition::Problem& problem);

}  // namespace offcut::experiment
