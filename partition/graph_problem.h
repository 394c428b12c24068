#pragma once

#include "models/graph/graph.h"
#include "partition/problem.h"

namespace offcut::partition {

/// A tier as the planner sees it.
struct TierTimes {
  std::string name;
  std::vector<Seconds> seconds;  // Per layer of the graph.
};

/// Returns the problem of placing a graph's layers. Parameters don't cross, since every tier has
/// the weights; a graph input counts the bytes that it has on the wire.
///
/// A layer needs memory for the parameters that it reads (shared ones count with each reader), and
/// while it works for all tensors that are alive then in a run of the whole graph: given, or made
/// before or by it, and read by it, read after it, or an output.
Problem problem_of(const Graph& graph, std::vector<TierTimes> tiers, std::vector<Hop> hops);

/// Returns the layers that must run on the device so that raw data does not leave it, ascending: on
/// each path from an input all layers up to the first with multiply-accumulates, that one included,
/// and the layers that these depend on.
std::vector<LayerId> layers_that_keep_inputs(const Graph& graph);

}  // namespace offcut::partition
