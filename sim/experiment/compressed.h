#pragma once

#include "models/graph/graph.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Returns the network after the passes of its model. `seed` is that of the scenario. Throws
/// InputError if a pass does not fit the network or lacks its samples.
Graph compressed(Graph graph, const scenario::ModelChoice& model,
                 const scenario::Registries& registries, std::uint64_t seed);

}  // namespace offcut::experiment
