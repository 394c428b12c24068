#pragma once

#include <functional>
#include <vector>

#include "models/graph/graph.h"

namespace offcut {

/// A cut separates a head (a set of layers that holds all predecessors of its members) from the
/// rest.
struct Cut {
  std::vector<bool> in_head;      // one per layer
  std::vector<TensorId> crosses;  // made or given before the cut and read after it, ascending
};

/// The tensors that cross from `in_head` to the other layers. Parameters never cross: both sides
/// have them.
std::vector<TensorId> crossing_tensors(const Graph& graph, const std::vector<bool>& in_head);

/// The layers after which nothing but their own outputs crosses when they and all layers before
/// them, in the graph's order, are in the head. Ascending. O(V + E). The last layer always is one.
/// Where a network has one output and all its layers depend on the input, these are the layers that
/// every path from the input to the output runs through, whatever the order. With several outputs
/// the order counts: a branch that ends in one of them may stand before or after the rest.
std::vector<LayerId> cut_vertices(const Graph& graph);

/// Calls `visit` for every legal cut, from "all after it" to "all in the head", until it returns
/// false. Their number is exponential in the number of parallel branches. Returns false where
/// `visit` did.
bool for_each_cut(const Graph& graph, const std::function<bool(const Cut&)>& visit);

}  // namespace offcut
