#pragma once

#include <optional>

#include "models/ops/operator.h"

namespace offcut::parallel {

/// How a layer's weights can be sliced by output channels: node k computes channels [first, last)
/// from the whole input, with its part of the weights alone; a gather puts them together along
/// `axis` of the output (the horizontal model distribution; Krizhevsky, "One weird trick for
/// parallelizing convolutional neural networks", 2014; Shoeybi et al., "Megatron-LM", 2019,
/// column-parallel linear layers).
struct ChannelSlicing {
  std::int64_t channels = 0;
  std::size_t axis = 0;
};

/// Of convolutions without groups, Gemm, and MatMul with a constant matrix on the right; none for
/// other layers, which have no weights to slice.
std::optional<ChannelSlicing> channel_slicing(const Graph& graph, LayerId layer);

/// The layer's channels [first, last) as a graph of its own, for either engine. Its weights are cut
/// out of the whole's when they are first needed.
/// REQUIRES: channel_slicing() of the layer, 0 <= first < last <= its channels.
Graph slice_graph(const Graph& graph, LayerId layer, std::int64_t first, std::int64_t last,
                  const Registry<ops::Operator>& operators);

}  // namespace offcut::parallel
