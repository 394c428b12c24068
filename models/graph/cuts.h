#pragma once

#include <functional>
#include <vector>

#include "models/graph/graph.h"

namespace offcut {

/// A cut separates a head (a set of layers with all their predecessors) from the other layers.
struct Cut {
  std::vector<bool> in_head;      // Indexed by layer.
  std::vector<TensorId> crosses;  // The tensors made before the cut and read after it, ascending.
};

/// Returns the tensors that cross from `in_head` to the other layers. Parameters never cross: both
/// sides have them.
std::vector<TensorId> crossing_tensors(const Graph& graph, const std::vector<bool>& in_head);

/// Returns the cut vertices in ascending order: layers after which only their own outputs cross if
/// they and all layers before them, in the graph's order, are the head. The last layer always is
/// one. O(V + E). In a network with one output, all of whose layers depend on the input, the cut
/// vertices are the layers on every path from input to output, whatever the order. With several
/// outputs, the order matters: a branch to one of them may come before or after the other layers.
std::vector<LayerId> cut_vertices(const Graph& graph);

/// Calls `visit` for every legal cut, from an empty head to all layers in the head, until `visit`
/// returns false. Returns false in that case. The number of cuts is exponential in the number of
/// parallel branches.
bool for_each_cut(const Graph& graph, const std::function<bool(const Cut&)>& visit);

}  // namespace offcut
