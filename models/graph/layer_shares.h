#pragma once

#include <span>
#include <vector>

#include "models/graph/graph.h"

namespace offcut {

/// Splits the time of a fused kernel among its layers: in proportion to their multiply-accumulates;
/// if there are none, to the bytes that they read and write; if there are none either, equally. A
/// layer fused into a convolution thus costs nothing, which is nearly true when it runs. The shares
/// add up to 1.
std::vector<double> layer_shares(const Graph& graph, std::span<const LayerId> layers);

}  // namespace offcut
