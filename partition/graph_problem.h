#pragma once

#include "models/graph/graph.h"
#include "partition/problem.h"

namespace offcut::partition {

/// A tier as the planner sees it: its name and its time for each layer of the graph.
struct TierTimes {
  std::string name;
  std::vector<Seconds> seconds;
};

/// The problem of placing a graph's layers. Parameters don't cross (every tier has the weights); a
/// graph input counts the bytes that it has on the wire.
///
/// A layer's memory: the parameters that it reads (shared ones count with each reader), and while
/// it works all tensors that are alive then in a run of the whole graph: made or given before or by
/// it, and read by it or after it, or an output.
Problem problem_of(const Graph& graph, std::vector<TierTimes> tiers, std::vector<Hop> hops);

/// The layers that must stay on the device so that raw data does: on each way from an input, all up
/// to and with the first that does multiply-accumulates, and what these layers depend on.
/// Ascending.
std::vector<LayerId> layers_that_keep_inputs(const Graph& graph);

}  // namespace offcut::partition
