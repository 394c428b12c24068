#pragma once

#include "sim/scenario/scenario.h"

namespace offcut {

/// Puts the plan's objective and limits, and the scenario's powers and prices, into the problem.
/// Throws InputError where limits don't fit the model.
void set_goal(const Graph& graph, const Scenario& scenario, const PlanChoice& plan,
              Problem& problem);

}  // namespace offcut
