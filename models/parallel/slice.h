#pragma once

#include <optional>

#include "models/ops/operator.h"

namespace offcut::parallel {

/// Describes how a layer's weights can be sliced by output channels: node k computes channels
/// [first, last) from the whole input with only its part of the weights; a gather joins them along
/// `axis` of the output (the horizontal model distribution; Krizhevsky, "One weird trick for
/// parallelizing convolutional neural networks", 2014; Shoeybi et al., "Megatron-LM", 2019,
/// column-parallel linear layers).
struct ChannelSlicing {
  std::int64_t channels = 0;
  std::size_t axis = 0;
};

/// Returns the slicing of a convolution without groups, a Gemm, or a MatMul with a constant matrix
/// on the right; nothing for other layers, which can't be sliced.
std::optional<ChannelSlicing> channel_slicing(const Graph& graph, LayerId layer);

/// Returns the layer's channels [first, last) as a new graph, for either engine. Its weights are
/// cut from those of the whole layer on first use. REQUIRES: the layer has a channel_slicing(), 0
/// <= first < last <= its channels.
Graph slice_graph(const Graph& graph, LayerId layer, std::int64_t first, std::int64_t last,
                  const Registry<ops::Operator>& operators);

}  // namespace offcut::parallel
