// Information pruning: P_ij = 1 if Delta E_ij > eta, else 0, where Delta E_ij is the change of the
// loss if the weight became 0. It is estimated from the gradients g of the loss on samples, batch
// by batch: to first order |g w|, or by the empirical Fisher information as g^2 w^2 / 2. All layers
// run in inference except those that pass gradients on.

#include <cmath>

#include "models/compress/pruning.h"
#include "models/compress/sample_gradients.h"

namespace offcut::compress {
namespace {

std::vector<Scores> scores_of(const Graph& network, const std::vector<Target>& targets,
                              const Parameters& parameters, const Material& material) {
  std::vector<std::string> names;
  std::vector<Scores> scores;
  for (const Target& target : targets) {
    names.push_back(target.name);
    scores.emplace_back(elements(network.tensor(target.tensor).type.shape), 0.0);
  }
  const bool fisher = parameters.text("criterion") == "fisher";
  const auto add = [&](const train::Weights& weights, std::span<const Tensor> gradients) {
    for (std::size_t i = 0; i < targets.size(); ++i) {
      const auto weight = weights.find(targets[i].name);
      if (!weight || gradients[*weight].absent()) {
        continue;
      }
      const auto g = gradients[*weight].values<float>();
      const auto w = weights.value(*weight).values<float>();
      for (std::size_t k = 0; k < g.size(); ++k) {
        const double product = double{g[k]} * w[k];
        scores[i][k] += fisher ? product * product / 2 : std::abs(product);
      }
    }
  };
  const std::int64_t batches =
      for_each_gradient(network, names, gradient_options(parameters), material, add);
  for (Scores& own : scores) {
    for (double& score : own) {
      score /= static_cast<double>(batches);
    }
  }
  return scores;
}

Network prune_by_information(const Network& network, const Parameters& parameters,
                             const Material& material) {
  const std::vector<Target> targets = targets_of(network.graph, parameters.text("layers"));
  const std::vector<Scores> scores = scores_of(network.graph, targets, parameters, material);
  const double threshold = parameters.at("threshold");
  return threshold > 0
             ? prune_below(network, targets, scores, std::vector<double>(targets.size(), threshold))
             : prune_share(network, targets, scores, parameters.at("rate"),
                           parameters.text("scope") == "global");
}

}  // namespace

void register_information(Registry<Pass>& registry) {
  std::vector<ParameterSpec> parameters = share_parameters();
  parameters.push_back({.name = "threshold",
                        .doc = "the greatest change of the loss at which a weight becomes 0",
                        .instead_of = "rate"});
  parameters.push_back({.name = "criterion",
                        .is_text = true,
                        .one_of = {"taylor", "fisher"},
                        .doc = "|g w|, or g^2 w^2 / 2"});
  const std::vector<ParameterSpec> gradients = gradient_parameters();
  parameters.insert(parameters.end(), gradients.begin(), gradients.end());
  registry.add({.name = "information",
                .doc = "pruning: the weights that the loss depends on least become 0",
                .citation = "Molchanov, Mallya, Tyree, Frosio, Kautz, CVPR 2019; Theis, "
                            "Korshunova, Tejani, Huszar, 2018",
                .parameters = std::move(parameters),
                .needs_samples = true,
                .apply = prune_by_information});
}

}  // namespace offcut::compress
