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
           // samples (Molchanov et al., "Importance estimation for neural network pruning", CVPR
           // 2019, equation 8).
  random
};

/// Values of weights' gradients by the parameter's name.
using GradientsByName = std::map<std::string, Tensor>;

/// Returns the importance of each channel. `gradients` is read for ChannelCriterion::taylor.
std::vector<double> channel_scores(const Graph& graph, const ChannelMap& map,
                                   ChannelCriterion criterion, const GradientsByName& gradients,
                                   std::uint64_t seed);

}  // namespace offcut::compress
