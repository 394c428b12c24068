#pragma once

#include "models/graph/graph.h"

namespace offcut {

/// Some layers of a graph as a graph of its own: names, types and weights (shared, not copied) stay
/// the same. Its inputs are what these layers read and don't make: the model's inputs first, then
/// tensors that cross the cut. Its outputs are those of the model that they make, in the model's
/// order, then what other layers read.
/// REQUIRES: `layers` are of the graph.
Graph subgraph(const Graph& graph, std::vector<LayerId> layers, std::string name);

}  // namespace offcut
