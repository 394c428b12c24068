#pragma once

#include "partition/placement.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {

/// Lists the tensors that cross between tiers, with their bytes on the wire.
TextTable crossing_table(const Graph& graph, const partition::Placement& placement);

/// Returns the first and the last layer, and how many they are: "conv1..relu4 (11)".
std::string layer_range(const Graph& graph, const std::vector<LayerId>& layers);

}  // namespace offcut::cli
