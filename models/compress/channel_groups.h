#pragma once

#include "models/compress/channel_map.h"

namespace offcut::compress {

/// Channels that lie along the same axes, and so can be removed in place of each other: the filters
/// of a layer, or of all layers whose results are added up.
struct ChannelGroup {
  std::vector<std::size_t> channels;  // Ascending.
  std::vector<Axis> axes;             // Ascending.
  /// The positions that a channel has along an axis of a parameter, the fewest: 1 for filters, the
  /// width of a head for heads.
  std::int64_t width = 1;
};

/// Returns the groups of at least two channels, in the order of their first channels. Single
/// channels are not removed: nothing would be left of their axes.
std::vector<ChannelGroup> channel_groups(const Graph& graph, const ChannelMap& map);

}  // namespace offcut::compress
