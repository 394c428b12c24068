#pragma once

#include "models/graph/graph.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Adds the plan's exits to the problem. Throws InputError with every exit that is not an output of
/// the network.
void set_exits(const Graph& graph, const scenario::PlanChoice& plan, partition::Problem& problem);

}  // namespace offcut::experiment
