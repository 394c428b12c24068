#pragma once

#include <vector>

#include "models/graph/graph.h"

namespace offcut::cost {

/// A group of layers that exporters write for one function.
struct Composite {
  LayerKind kind;               // Of the function.
  std::vector<LayerId> layers;  // Ascending. Nothing outside reads what lies between them.
};

/// Returns the groups of layers that compute attention, layer normalization, a product with a
/// constant matrix and its bias, or an activation (SiLU, HardSwish, GELU): those that offcut's own
/// engine merges before it runs a network (models/exec/passes.h). A layer is in at most one group.
std::vector<Composite> composites_of(const Graph& graph);

}  // namespace offcut::cost
