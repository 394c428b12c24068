#pragma once

#include <cstdint>
#include <map>
#include <string>

#include "models/compress/channel_map.h"

namespace offcut::compress {

/// How much a network is taken to need a channel.
enum class ChannelCriterion {
  l1,      // The sum of |w| over the weights that write it (Li et al., "Pruning filters for
           // efficient ConvNets", ICLR 2017, section 3.1).
  l2,      // The root of the sum of w^2 over all of its weights, also those that read it (Fang et
           // al., "DepGraph", CVPR 2023, section 3.3).
  taylor,  // The sum of (g w)^2 over the weights that write it, with the gradients g of the loss on
           // batches of samples, and its mean over them (Molchanov et al., "Importance estimation
           // for neural network pruning", CVPR 2019, equation 8).
  random
};

/// Numbers for the elements of parameters, by their names.
using WeightTerms = std::map<std::string, std::vector<double>>;

/// Returns the importance of each channel. `taylor` has the mean (g w)^2 of the weights, for the
/// criterion of this name.
std::vector<double> channel_scores(const Graph& graph, const ChannelMap& map,
                                   ChannelCriterion criterion, const WeightTerms& taylor,
                                   std::uint64_t seed);

}  // namespace offcut::compress
