#pragma once

#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::partition {

/// A layer whose output channels may be computed by several nodes (models/parallel/slice.h does
/// it); with 1 channel it can't be sliced.
struct ShareableLayer {
  std::string name;
  std::int64_t channels = 1;
  Bytes input;
  Bytes output;
  std::vector<Seconds> seconds;  // per node, for all channels
};

/// A layer sliced by output channels over nodes in a star. The first node has the layer's input,
/// sends it to each helper, one after the other on its link; all compute their channels; the
/// helpers' parts come back one after the other.
struct StarLink {
  BytesPerSecond bandwidth;  // of the first node's link, each way
  Seconds latency;           // of a message; those to all helpers travel at once
};

/// How many channels each node computes, and what that takes.
struct ChannelShares {
  std::vector<std::int64_t> channels;  // per node; their sum is the layer's
  Seconds send;                        // h helpers: latency + h * input / bandwidth
  Seconds compute;                     // the slowest node's channels / all * its seconds
  Seconds gather;                      // latency + the helpers' part of the output / bandwidth

  Seconds total() const { return send + compute + gather; }
};

/// The cost of given shares. Without helpers nothing is sent.
ChannelShares evaluate_shares(const ShareableLayer& layer, const StarLink& link,
                              std::vector<std::int64_t> channels);

/// The shares of least total time (tensor parallelism with uneven slices: Mao et al., "MoDNN",
/// DATE 2017, slices layers in proportion to the nodes' speeds). Exact: for each
/// number of helpers the fastest ones are best, since all cost the same to reach; and for each time
/// that the slowest node may take, the first node does as much as it can, since its channels need
/// no gathering. O(nodes^3 * channels). Every layer starts and ends on the first node, so a
/// network's layers are independent of each other.
/// REQUIRES: at least one node, channels > 0, times finite and not negative, bandwidth positive.
ChannelShares best_shares(const ShareableLayer& layer, const StarLink& link);

}  // namespace offcut::partition
