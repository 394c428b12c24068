#pragma once

#include "models/graph/graph.h"
#include "models/train/gradient.h"

namespace offcut::train {

/// Returns the network with fresh random weights, as PyTorch draws them by default: uniform up to
/// 1 / sqrt(fan-in) for kernels, matrices and their biases (He et al., ICCV 2015, with a = sqrt 5),
/// and up to 1 / sqrt(hidden size) in LSTM and GRU; scales 1 and shifts 0 for normalisations, whose
/// running statistics become 0 and 1; normal for tables of embeddings. The network may be untrained
/// or trained. Other parameters stay as they are.
Graph with_initial_weights(const Graph& network, const Registry<Gradient>& gradients,
                           std::uint64_t seed);

}  // namespace offcut::train
