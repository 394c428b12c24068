#pragma once

#include <optional>

#include "models/compress/channel_groups.h"
#include "models/compress/without_channels.h"

namespace offcut::compress {

/// How many channels are removed, and where.
struct ChannelTarget {
  double rate = 0;             // Share of channels to remove.
  std::optional<double> macs;  // Instead: the most share of multiply-accumulates to leave.
  /// Channels are compared within their groups, which all lose the same share; or, their scores
  /// divided by their group's mean, across the network.
  bool global = false;
  /// Groups keep a multiple of so many positions, or all of them; small ones, of its half, quarter
  /// and so on, at least four times as many.
  std::int64_t round = 1;
};

/// A network's channels, grouped and scored.
struct ScoredChannels {
  const Graph& graph;
  const ChannelMap& map;
  const std::vector<ChannelGroup>& groups;
  const std::vector<double>& scores;
};

/// Returns for each channel whether it is removed. Every group keeps a channel. Throws
/// std::invalid_argument if so few multiply-accumulates can't be reached.
std::vector<bool> chosen_channels(const ScoredChannels& channels, const ChannelTarget& target,
                                  const ChannelLibraries& libraries);

}  // namespace offcut::compress
