#pragma once

#include "models/ops/operator.h"

namespace offcut::ops {

/// The same network on batches of `count`: the first extent of every input is `count` times what it
/// was, and so that of every tensor which is made of them. Weights are shared with `graph`. Throws
/// std::invalid_argument, naming the layer, where the network is made for one size of batch (a
/// Reshape to a shape with the 1 written down), and for layers without math.
Graph in_batches(const Graph& graph, std::int64_t count, const Registry<Operator>& operators);

}  // namespace offcut::ops
