#pragma once

#include "models/graph/graph.h"

namespace offcut {

/// Returns some layers of a graph as a new graph with the same names, types and weights (shared,
/// not copied). Its inputs are the tensors that these layers read and don't make: the model's
/// inputs first, then the tensors that cross the cut. Its outputs are the model's outputs that they
/// make, in the model's order, then the tensors that other layers read. REQUIRES: `layers` are
/// layers of the graph.
Graph subgraph(const Graph& graph, std::vector<LayerId> layers, std::string name);

}  // namespace offcut
