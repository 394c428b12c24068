// Information pruning: P_ij = 1 if Delta E_ij > eta, else 0, where Delta E_ij is the change of the
// loss if the weight became 0. It is estimated from the gradients g of the loss on samples, batch
// by batch: to first order |g w|, or by the empirical Fisher information as g^2 w^2 / 2. All layers
// run in inference except those that pass gradients on.

#include <boost/random/uniform_int_distribution.hpp>
#include <cmath>
#include <numeric>
#include <stdexcept>

#include "models/base/patterns.h"
#include "models/compress/pruning.h"
#include "models/graph/parameter_value.h"
#include "models/ops/batches.h"
#include "models/train/step.h"

namespace offcut::compress {
namespace {

/// Returns the numbers of samples that are drawn without replacement.
std::vector<std::int64_t> drawn(std::int64_t count, std::int64_t all, std::uint64_t seed) {
  std::vector<std::int64_t> numbers(static_cast<std::size_t>(all));
  std::iota(numbers.begin(), numbers.end(), 0);
  RandomStream stream = random_stream(seed, "information");
  for (std::size_t i = 0; i < static_cast<std::size_t>(count); ++i) {
    boost::random::uniform_int_distribution<std::size_t> rest(i, numbers.size() - 1);
    std::swap(numbers[i], numbers[rest(stream)]);
  }
  numbers.resize(static_cast<std::size_t>(count));
  return numbers;
}

/// Adds the scores of one batch.
void add_scores(const train::Weights& weights, const std::vector<Tensor>& gradients,
                const std::vector<Target>& targets, bool fisher, std::vector<Scores>& scores) {
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
}

std::vector<Scores> scores_of(const Graph& network, const std::vector<Target>& targets,
                              const Parameters& parameters, const Material& material) {
  const dataset::Samples& samples = *material.samples;
  const auto batch = std::min(static_cast<std::int64_t>(parameters.at("batch")), samples.count());
  const std::int64_t batches =
      std::min(static_cast<std::int64_t>(parameters.at("samples")), samples.count()) / batch;
  train::WeightChoice choice;
  std::vector<Scores> scores;
  for (const Target& target : targets) {
    choice.only.push_back(literal_pattern(target.name));
    scores.emplace_back(elements(network.tensor(target.tensor).type.shape), 0.0);
  }
  const Graph graph = ops::in_batches(network, batch, material.libraries.operators);
  train::Weights weights(network, material.libraries.gradients, choice);
  const bool has_classes = !samples.labels.absent();
  const train::Loss& loss = *material.libraries.losses.find(has_classes ? "cross-entropy" : "mse");
  train::TrainingStep step(graph, material.libraries.gradients, weights, loss,
                           defaults(loss.parameters), {.seed = material.seed});
  const std::vector<std::int64_t> numbers = drawn(batches * batch, samples.count(), material.seed);
  for (std::int64_t i = 0; i < batches; ++i) {
    const dataset::Samples chosen = samples.chosen(std::span(numbers).subspan(
        static_cast<std::size_t>(i * batch), static_cast<std::size_t>(batch)));
    const train::StepResult result = step.run({{graph.inputs().front(), chosen.inputs}},
                                              {.labels = chosen.labels, .values = chosen.targets},
                                              static_cast<std::uint64_t>(i));
    add_scores(weights, result.gradients, targets, parameters.text("criterion") == "fisher",
               scores);
  }
  for (Scores& own : scores) {
    for (double& score : own) {
      score /= static_cast<double>(batches);
    }
  }
  return scores;
}

Network prune(const Network& network, const Parameters& parameters, const Material& material) {
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
  parameters.push_back({.name = "samples",
                        .is_whole = true,
                        .fallback = 1024,
                        .least = 1,
                        .most = 1e9,
                        .doc = "training samples that are drawn"});
  parameters.push_back({.name = "batch",
                        .is_whole = true,
                        .fallback = 8,
                        .least = 1,
                        .most = 1e6,
                        .doc = "samples of one gradient g"});
  registry.add({.name = "information",
                .doc = "pruning: the weights that the loss depends on least become 0",
                .citation = "Molchanov, Mallya, Tyree, Frosio, Kautz, CVPR 2019; Theis, "
                            "Korshunova, Tejani, Huszar, 2018",
                .parameters = std::move(parameters),
                .needs_samples = true,
                .apply = prune});
}

}  // namespace offcut::compress
