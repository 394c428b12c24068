// Magnitude pruning: P_ij = 1 if |w_ij| > eps, else 0. The threshold eps is given, is a multiple of
// the standard deviation of the layer's weights, or follows from the rate.

#include <cmath>

#include "models/compress/pruning.h"
#include "models/graph/parameter_value.h"

namespace offcut::compress {
namespace {

double deviation_of(const Scores& magnitudes, const Tensor& weights) {
  double mean = 0;
  double squares = 0;
  const auto count = static_cast<double>(magnitudes.size());
  for (const float weight : weights.values<float>()) {
    mean += weight / count;
    squares += double{weight} * weight / count;
  }
  return std::sqrt(std::max(0.0, squares - mean * mean));
}

Network prune_by_magnitude(const Network& network, const Parameters& parameters,
                           const Material& /*material*/) {
  const std::vector<Target> targets = targets_of(network.graph, parameters.text("layers"));
  const double rate = parameters.at("rate");
  std::vector<Scores> magnitudes;
  std::vector<double> thresholds;
  for (const Target& target : targets) {
    const Tensor weights = read_parameter(network.graph.tensor(target.tensor));
    Scores& own = magnitudes.emplace_back();
    for (const float weight : weights.values<float>()) {
      own.push_back(std::abs(weight));
    }
    const double deviations = parameters.at("deviations");
    thresholds.push_back(deviations > 0 ? deviations * deviation_of(own, weights)
                                        : parameters.at("threshold"));
  }
  return rate > 0 || (parameters.at("threshold") == 0 && parameters.at("deviations") == 0)
             ? prune_share(network, targets, magnitudes, rate, parameters.text("scope") == "global")
             : prune_below(network, targets, magnitudes, thresholds);
}

}  // namespace

void register_magnitude(Registry<Pass>& registry) {
  std::vector<ParameterSpec> parameters = share_parameters();
  parameters.push_back(
      {.name = "threshold", .doc = "the greatest magnitude that becomes 0", .instead_of = "rate"});
  parameters.push_back({.name = "deviations",
                        .doc = "the same, in standard deviations of the layer's weights",
                        .instead_of = "rate"});
  registry.add({.name = "magnitude",
                .doc = "pruning: the weights of the least magnitude become 0",
                .citation = "Han, Pool, Tran, Dally, NIPS 2015; Zhu, Gupta, 2017",
                .parameters = std::move(parameters),
                .apply = prune_by_magnitude});
}

}  // namespace offcut::compress
