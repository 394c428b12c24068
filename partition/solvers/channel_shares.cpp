// Finds the best split of a layer's channels over nodes: tries every number of helpers and every
// time that the slowest node may take, and gives each node the channels that fit into that time.

#include "partition/solvers/channel_shares.h"

#include <algorithm>
#include <numeric>

namespace offcut::partition {
namespace {

double seconds_for(const ShareableLayer& layer, std::size_t node, std::int64_t channels) {
  return layer.seconds[node].si() *
         (static_cast<double>(channels) / static_cast<double>(layer.channels));
}

/// Returns the number of channels that a node can compute in that time.
std::int64_t channels_within(const ShareableLayer& layer, std::size_t node, double seconds) {
  if (seconds_for(layer, node, layer.channels) <= seconds) {
    return layer.channels;
  }
  const double share = seconds / layer.seconds[node].si();
  auto channels = static_cast<std::int64_t>(share * static_cast<double>(layer.channels));
  // The division may be off by one; seconds_for() decides, as everywhere.
  while (channels > 0 && seconds_for(layer, node, channels) > seconds) {
    --channels;
  }
  while (seconds_for(layer, node, channels + 1) <= seconds) {
    ++channels;
  }
  return channels;
}

/// Returns the shares under which no node takes longer than that and the first nodes compute the
/// most; empty if the nodes can't compute all channels.
std::vector<std::int64_t> shares_within(const ShareableLayer& layer,
                                        const std::vector<std::size_t>& nodes, double seconds) {
  std::vector<std::int64_t> channels(layer.seconds.size(), 0);
  std::int64_t left = layer.channels;
  for (const std::size_t node : nodes) {
    channels[node] = std::min(left, channels_within(layer, node, seconds));
    left -= channels[node];
  }
  return left > 0 ? std::vector<std::int64_t>() : channels;
}

}  // namespace

ChannelShares evaluate_shares(const ShareableLayer& layer, const StarLink& link,
                              std::vector<std::int64_t> channels) {
  ChannelShares shares;
  double helpers = 0;
  for (std::size_t node = 0; node < channels.size(); ++node) {
    shares.compute = std::max(shares.compute, Seconds(seconds_for(layer, node, channels[node])));
    helpers += node > 0 && channels[node] > 0 ? 1 : 0;
  }
  if (helpers > 0) {
    const double gathered =
        static_cast<double>(layer.channels - channels[0]) / static_cast<double>(layer.channels);
    shares.send = link.latency + layer.input * helpers / link.bandwidth;
    shares.gather = link.latency + layer.output * gathered / link.bandwidth;
  }
  shares.channels = std::move(channels);
  return shares;
}

ChannelShares best_shares(const ShareableLayer& layer, const StarLink& link) {
  std::vector<std::size_t> nodes(layer.seconds.size());
  std::iota(nodes.begin(), nodes.end(), std::size_t{0});
  std::stable_sort(nodes.begin() + 1, nodes.end(),
                   [&](auto a, auto b) { return layer.seconds[a] < layer.seconds[b]; });
  std::vector<std::int64_t> alone(layer.seconds.size(), 0);
  alone[0] = layer.channels;
  ChannelShares best = evaluate_shares(layer, link, std::move(alone));
  for (std::size_t count = 2; count <= nodes.size(); ++count) {
    const std::vector<std::size_t> used(nodes.begin(),
                                        nodes.begin() + static_cast<std::ptrdiff_t>(count));
    for (const std::size_t slowest : used) {
      for (std::int64_t count_there = 0; count_there <= layer.channels; ++count_there) {
        auto channels = shares_within(layer, used, seconds_for(layer, slowest, count_there));
        if (channels.empty()) {
          continue;
        }
        ChannelShares shares = evaluate_shares(layer, link, std::move(channels));
        if (shares.total() < best.total()) {
          best = std::move(shares);
        }
      }
    }
  }
  return best;
}

}  // namespace offcut::partition
