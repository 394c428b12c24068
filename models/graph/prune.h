#pragma once

#include "models/graph/graph.h"

namespace offcut {

/// Returns the graph without the layers that no output depends on, such as one of which only the
/// shape was used, and without the parameters that only they read. All else stays in its order; the
/// inputs stay, too, even if no layer reads them: they are the network's interface.
Graph without_dead_layers(Graph graph);

}  // namespace offcut
