#pragma once

#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Puts the plan's objective and limits, and the scenario's powers and prices, into the problem.
/// Throws InputError where limits don't fit the model.
void set_goal(const Graph& graph, const scenario::Scenario& scenario,
              const scenario::PlanChoice& plan, partition::Problem& problem);

}  // namespace offcut::experiment
