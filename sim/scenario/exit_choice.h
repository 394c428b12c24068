#pragma once

#include "models/graph/graph.h"
#include "sim/scenario/scenario.h"

namespace offcut {

/// Reads the key `exits` of a section `plan`: a map from outputs to {leaves, accuracy}.
std::vector<ExitChoice> read_exits(MapReader& plan);

/// Throws InputError with every exit that is no output of the network.
void set_exits(const Graph& graph, const PlanChoice& plan, Problem& problem);

}  // namespace offcut
