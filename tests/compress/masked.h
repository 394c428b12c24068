#pragma once

#include "models/compress/without_channels.h"

namespace offcut::compress {

/// A network, what is removed of it, and what is left.
struct Pruned {
  Graph whole;
  ChannelMap map;
  std::vector<bool> removed;
  Graph left;
};

const Registry<ChannelRule>& all_channel_rules();

/// Returns the network with zeros in the place of the removed channels wherever an operator sums
/// over channels: every convolution, product and recurrent layer reads its input times a mask. It
/// has all layers of the network in full size.
Graph masked(const Pruned& pruned);

/// Removes a share of the channels of each group that the stream draws.
Pruned prune_at_random(Graph graph, double rate, std::uint64_t seed);

/// Returns the greatest difference between an output of the pruned network and that of the masked
/// one, on random inputs, divided by the output's greatest magnitude. Inputs of a last Softmax
/// count as outputs: a Softmax would hide much.
double difference(const Pruned& pruned, std::uint64_t seed);

/// Returns how far the masked network's outputs move, in the same measure, when its inputs change
/// by rounding: no two ways of computing an ill-conditioned network agree better.
double sensitivity(const Pruned& pruned, std::uint64_t seed);

/// Returns the first output on a random input, by the reference operators.
Tensor output_of(const Graph& graph);

}  // namespace offcut::compress
