#pragma once

#include "models/graph/graph.h"
#include "partition/problem.h"

namespace offcut {

/// A tier as the planner sees it: its name and its time for each layer of the graph.
struct TierTimes {
  std::string name;
  std::vector<Seconds> seconds;
};

/// The problem of placing a graph's layers. Parameters don't cross (every tier has the weights); a
/// graph input counts the bytes that it has on the wire.
Problem problem_of(const Graph& graph, std::vector<TierTimes> tiers, std::vector<Hop> hops);

}  // namespace offcut
