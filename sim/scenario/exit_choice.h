#pragma once

#include "models/graph/graph.h"
#include "sim/scenario/scenario.h"

namespace offcut {

/// Reads the key `exits` of a scenario's `plan`: a map from outputs to {leaves, accuracy}.
void read_exits(MapReader& plan, Scenario& scenario);

/// Throws InputError with every exit that is no output of the network.
void set_exits(const Graph& graph, const Scenario& scenario, Problem& problem);

}  // namespace offcut
