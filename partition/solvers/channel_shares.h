#pragma once

#include <string>
#include <vector>

#include "models/base/units.h"

namespace offcut::partition {

/// A layer whose output channels may be computed by several nodes (models/parallel/slice.h slices
/// it). A layer with 1 channel can't be sliced.
struct ShareableLayer {
  std::string name;
  std::int64_t channels = 1;
  Bytes input;
  Bytes output;
  std::vector<Seconds> seconds;  // Per node, for all channels.
};

/// The links between nodes in a star that share a layer. The first node has the layer's input and
/// sends it to the helpers, one after the other on its link; all nodes compute their channels; the
/// helpers' parts come back one after the other.
struct StarLink {
  BytesPerSecond bandwidth;  // The first node's link, each way.
  Seconds latency;           // Per message; messages to several helpers travel at once.
};

/// The number of channels that each node computes, and the time that it takes.
struct ChannelShares {
  std::vector<std::int64_t> channels;  // Per node; their sum is the layer's.
  Seconds send;                        // With h helpers: latency + h * input / bandwidth.
  Seconds compute;                     // The slowest node's channels / all * its seconds.
  Seconds gather;                      // Latency + the helpers' part of the output / bandwidth.

  Seconds total() const { return send + compute + gather; }
};

/// Returns the cost of given shares. Without helpers, nothing is sent.
ChannelShares evaluate_shares(const ShareableLayer& layer, const StarLink& link,
                              std::vector<std::int64_t> channels);

/// Returns the shares of least total time (tensor parallelism with uneven slices: Mao et al.,
/// "MoDNN", DATE 2017, slices layers in proportion to the nodes' speeds). They are exact: for each
/// number of helpers, the fastest ones are best, because all cost the same to reach; and for each
/// time that the slowest node may take, the first node computes as many channels as it can, because
/// its channels need no gathering. Every layer starts and ends on the first node, so the layers of
/// a network are independent of each other. O(nodes^3 * channels). REQUIRES: at least one node,
/// channels > 0, times finite and not negative, bandwidth positive.
ChannelShares best_shares(const ShareableLayer& layer, const StarLink& link);

}  // namespace offcut::partition
