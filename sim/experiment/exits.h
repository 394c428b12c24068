#pragma once

#include "models/graph/graph.h"
#include "sim/scenario/scenario.h"

namespace offcut {

/// Puts the plan's exits into the problem. Throws InputError with every exit that is no output of
/// the network.
void set_exits(const Graph& graph, const PlanChoice& plan, Problem& problem);

}  // namespace offcut
