#pragma once

#include <compare>
#include <cstddef>
#include <set>
#include <vector>

#include "models/graph/graph.h"

namespace offcut::compress {

/// An axis of a tensor.
struct Axis {
  TensorId tensor = 0;
  std::size_t axis = 0;

  auto operator<=>(const Axis&) const = default;
};

/// Stands for a position that must stay.
inline constexpr std::size_t kFixed = static_cast<std::size_t>(-1);

/// The channels of a network: sets of positions along axes of tensors that can be removed together,
/// and only together (the dependency graph of Fang, Ma, Song, Bi Mi, Wang, "DepGraph: towards any
/// structural pruning", CVPR 2023, for single positions instead of whole layers). The network
/// without a channel gives the results of the network in which every operator that sums over the
/// channel reads zeros in its place.
struct ChannelMap {
  std::size_t count = 0;

  /// The channel of each position, or kFixed, by tensor, axis and position.
  std::vector<std::vector<std::vector<std::size_t>>> channel;

  /// Axes of parameters over which an operator sums: the weights that read a channel, in contrast
  /// to those that write it.
  std::set<Axis> summed;
};

/// The positions along each axis that stay of each tensor; empty for an axis that is whole.
using KeptPositions = std::vector<std::vector<std::vector<std::int64_t>>>;

/// Returns the positions that are left without the channels. REQUIRES: `removed` has an element for
/// each channel.
KeptPositions kept_positions(const ChannelMap& map, const std::vector<bool>& removed);

}  // namespace offcut::compress
