#pragma once

#include "models/graph/graph.h"
#include "partition/placement.h"

namespace offcut::runtime {

/// A network as the tiers of a plan compute it, in their precisions: it has the tensors that cross
/// between them, by name, but may have other layers.
struct ComputedNetwork {
  Graph graph;
  partition::Assignment tier_of;
};

}  // namespace offcut::runtime
