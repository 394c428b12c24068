#pragma once

#include "partition/placement.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {

/// What crosses between the tiers, a row per tensor, with the bytes that it has on the wire.
TextTable crossing_table(const Graph& graph, const partition::Placement& placement);

/// "conv1..relu4 (11)"
std::string layer_range(const Graph& graph, const std::vector<LayerId>& layers);

}  // namespace offcut::cli
