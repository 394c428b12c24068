#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// Returns the same network for batches of `count`: the first extent of every input, and of every
/// tensor that is computed from the inputs, is multiplied by `count`. Weights are shared with
/// `graph`. Throws std::invalid_argument, which names the layer, if the network is made for one
/// batch size (a Reshape to a shape that contains the 1), and for layers without math.
Graph in_batches(const Graph& graph, std::int64_t count, const Registry<Operator>& operators);

}  // namespace offcut::ops
