// Adds up a term of each weight for the channels at its positions, one parameter at a time.
#include "models/compress/channel_scores.h"

#include <algorithm>
#include <boost/random/uniform_01.hpp>
#include <cmath>

#include "models/base/random.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

/// Returns the sum of the terms at each position of an axis.
std::vector<double> sums_along(const std::vector<double>& terms, const Shape& shape,
                               std::size_t axis) {
  const auto extent = static_cast<std::size_t>(shape[axis]);
  std::size_t inner = 1;
  for (std::size_t i = axis + 1; i < shape.size(); ++i) {
    inner *= static_cast<std::size_t>(shape[i]);
  }
  std::vector<double> sums(extent, 0);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    sums[i / inner % extent] += terms[i];
  }
  return sums;
}

std::vector<double> terms_of(const TensorNode& parameter, ChannelCriterion criterion,
                             const WeightTerms& taylor) {
  if (criterion == ChannelCriterion::taylor) {
    const auto known = taylor.find(parameter.name);
    return known != taylor.end()
               ? known->second
               : std::vector<double>(static_cast<std::size_t>(elements(parameter.type.shape)), 0);
  }
  const Tensor value = read_parameter(parameter);
  const std::span<const float> weights = value.values<float>();
  std::vector<double> terms(weights.size(), 0);
  for (std::size_t i = 0; i < terms.size(); ++i) {
    const double weight = weights[i];
    terms[i] = criterion == ChannelCriterion::l1 ? std::abs(weight) : weight * weight;
  }
  return terms;
}

bool has_channel(const std::vector<std::size_t>& channels) {
  return std::any_of(channels.begin(), channels.end(),
                     [](std::size_t channel) { return channel != kFixed; });
}

std::vector<double> random_scores(std::size_t count, std::uint64_t seed) {
  RandomStream random = random_stream(seed, "channels");
  boost::random::uniform_01<double> uniform;
  std::vector<double> scores;
  for (std::size_t i = 0; i < count; ++i) {
    scores.push_back(uniform(random));
  }
  return scores;
}

}  // namespace

std::vector<double> channel_scores(const Graph& graph, const ChannelMap& map,
                                   ChannelCriterion criterion, const WeightTerms& taylor,
                                   std::uint64_t seed) {
  if (criterion == ChannelCriterion::random) {
    return random_scores(map.count, seed);
  }
  std::vector<double> scores(map.count, 0);
  for (TensorId tensor = 0; tensor < graph.tensor_count(); ++tensor) {
    const TensorNode& node = graph.tensor(tensor);
    if (!node.is_parameter() || node.type.type != DataType::float32) {
      continue;
    }
    std::vector<double> terms;
    for (std::size_t axis = 0; axis < map.channel[tensor].size(); ++axis) {
      const std::vector<std::size_t>& channels = map.channel[tensor][axis];
      const bool reads = map.summed.count({tensor, axis}) != 0;
      if (!has_channel(channels) || (reads && criterion != ChannelCriterion::l2)) {
        continue;
      }
      terms = terms.empty() ? terms_of(node, criterion, taylor) : std::move(terms);
      const std::vector<double> sums = sums_along(terms, node.type.shape, axis);
      for (std::size_t i = 0; i < channels.size(); ++i) {
        if (channels[i] != kFixed) {
          scores[channels[i]] += sums[i];
        }
      }
    }
  }
  for (double& score : scores) {
    score = criterion == ChannelCriterion::l2 ? std::sqrt(score) : score;
  }
  return scores;
}

}  // namespace offcut::compress
