#pragma once

#include <span>
#include <vector>

#include "models/graph/graph.h"

namespace offcut {

/// How the time of a kernel that computes several layers is shared among them: in proportion to
/// their multiply-accumulates; where none of them does any, to the bytes that they read and write,
/// and where there are none of those either, equally. So what is fused into a convolution costs
/// nothing, as it nearly does when it runs. The shares add up to 1.
std::vector<double> layer_shares(const Graph& graph, std::span<const LayerId> layers);

}  // namespace offcut
