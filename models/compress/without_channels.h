#pragma once

#include "models/compress/channel_rule.h"

namespace offcut::compress {

/// The registries with which a graph is rebuilt.
struct ChannelLibraries {
  const Registry<ChannelRule>& rules;
  const Registry<ops::Operator>& operators;
};

/// Returns the network without the removed channels: smaller parameters, which are cut from the old
/// ones on first use, smaller tensors between layers, and constants and attributes that state
/// numbers of channels rewritten. Names stay; a rewritten constant has its layer's name before its
/// own. REQUIRES: at least one position of each axis stays; `map` is the graph's.
Graph without_channels(const Graph& graph, const ChannelMap& map, const std::vector<bool>& removed,
                       const ChannelLibraries& libraries);

/// Returns the positions along an axis, for any element type.
/// REQUIRES: positions are in ascending order and exist.
Tensor taken(const Tensor& tensor, std::size_t axis, const std::vector<std::int64_t>& positions);

}  // namespace offcut::compress
