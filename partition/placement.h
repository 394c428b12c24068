#pragma once

#include <string>
#include <vector>

#include "models/graph/graph.h"
#include "partition/problem.h"

namespace offcut::partition {

/// The tiers that the layers of a graph run on. Tiers have names, and the order in which data goes
/// through them.
struct Placement {
  std::vector<std::string> tiers;
  Assignment tier_of;  // Monotone, see Assignment.

  /// Returns the layers of each tier, ascending.
  std::vector<std::vector<LayerId>> layers() const;
};

/// Returns the placement of all layers on one tier.
Placement uncut(const Graph& graph);

/// A tensor that is made or given on one tier and read on others.
struct CutTensor {
  TensorId tensor;
  std::size_t from;             // Tier.
  std::vector<std::size_t> to;  // Tiers, ascending.
};

/// Returns the tensors that cross between tiers, by sender, then by tensor. Inputs of the graph are
/// given on the first tier.
std::vector<CutTensor> crossings(const Graph& graph, const Placement& placement);

}  // namespace offcut::partition
