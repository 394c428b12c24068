// Structured pruning: whole channels go, so that the network that remains is an ordinary, smaller
// one. The channels that go together follow from operators' rules (channel_rule.h), never from the
// network's name.
#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "models/base/error.h"
#include "models/compress/channel_choice.h"
#include "models/compress/channel_scores.h"
#include "models/compress/pass.h"
#include "models/compress/sample_gradients.h"

namespace offcut::compress {
namespace {

ChannelCriterion criterion_of(const std::string& name) {
  return name == "l1"       ? ChannelCriterion::l1
         : name == "l2"     ? ChannelCriterion::l2
         : name == "taylor" ? ChannelCriterion::taylor
                            : ChannelCriterion::random;
}

/// Returns the mean over batches of (g w)^2 for each weight.
WeightTerms taylor_terms(const Graph& graph, const Parameters& parameters,
                         const Material& material) {
  if (material.samples == nullptr) {
    throw std::invalid_argument("criterion=taylor needs samples: a data set");
  }
  WeightTerms terms;
  const auto add = [&](const train::Weights& weights, std::span<const Tensor> gradients) {
    for (std::size_t i = 0; i < weights.count(); ++i) {
      if (gradients[i].absent()) {
        continue;
      }
      const auto w = weights.value(i).values<float>();
      const auto g = gradients[i].values<float>();
      std::vector<double>& own = terms[weights.name(i)];
      own.resize(w.size(), 0);
      for (std::size_t k = 0; k < w.size(); ++k) {
        const double product = double{w[k]} * g[k];
        own[k] += product * product;
      }
    }
  };
  const auto batches = static_cast<double>(
      for_each_gradient(graph, {}, gradient_options(parameters), material, add));
  for (auto& [name, own] : terms) {
    for (double& term : own) {
      term /= batches;
    }
  }
  return terms;
}

/// Masks, codebooks and grids are of the weights as they are: channels must go first.
void check_rules(const Network& network, const ChannelMap& map, const std::vector<bool>& removed) {
  const KeptPositions kept = kept_positions(map, removed);
  for (TensorId tensor = 0; tensor < network.graph.tensor_count(); ++tensor) {
    const std::string& name = network.graph.tensor(tensor).name;
    if (network.graph.tensor(tensor).is_parameter() &&
        (network.rules.count(name) != 0 || network.grids.count(name) != 0) &&
        std::any_of(kept[tensor].begin(), kept[tensor].end(),
                    [](const auto& positions) { return !positions.empty(); })) {
      throw std::invalid_argument(fmt::format(
          "{} would lose channels, but an earlier pass or the file masks or rounds it: remove "
          "channels first, or read the file's weights as floats (offcut compress --floats)",
          in_quotes(name)));
    }
  }
}

Network prune_channels(const Network& network, const Parameters& parameters,
                       const Material& material) {
  Registry<ChannelRule> rules;
  register_channel_rules(rules);
  const Graph& graph = network.graph;
  const ChannelMap map = channel_map(graph, rules);
  const std::vector<ChannelGroup> groups = channel_groups(graph, map);
  if (groups.empty()) {
    throw std::invalid_argument(fmt::format("'{}' has no channels that can go", graph.name()));
  }
  const ChannelCriterion criterion = criterion_of(parameters.text("criterion"));
  const WeightTerms taylor = criterion == ChannelCriterion::taylor
                                 ? taylor_terms(graph, parameters, material)
                                 : WeightTerms();
  const std::vector<double> scores = channel_scores(graph, map, criterion, taylor, material.seed);
  ChannelTarget target{.rate = parameters.at("rate"),
                       .global = parameters.text("scope") == "global",
                       .round = static_cast<std::int64_t>(parameters.at("round"))};
  if (parameters.at("macs") > 0) {
    target.macs = parameters.at("macs");
  }
  const ChannelLibraries libraries{rules, material.libraries.operators};
  const std::vector<bool> removed =
      chosen_channels({graph, map, groups, scores}, target, libraries);
  check_rules(network, map, removed);
  return {.graph = without_channels(graph, map, removed, libraries),
          .rules = network.rules,
          .grids = network.grids};
}

}  // namespace

void register_channels(Registry<Pass>& registry) {
  std::vector<ParameterSpec> parameters = {
      {.name = "rate", .least = 0, .most = 1, .doc = "the share of channels to remove"},
      {.name = "macs",
       .most = 1,
       .doc = "the most share of multiply-accumulates to leave",
       .instead_of = "rate"},
      {.name = "scope",
       .is_text = true,
       .one_of = {"group", "global"},
       .doc = "whether every group of channels loses the same share, or the least important "
              "channels of all groups go"},
      {.name = "criterion",
       .is_text = true,
       .one_of = {"l1", "l2", "taylor", "random"},
       .doc = "the importance of a channel: |w| of the weights that write it, the norm of all its "
              "weights, (g w)^2 on samples, or chance"},
      {.name = "round",
       .is_whole = true,
       .fallback = 8,
       .least = 1,
       .most = 1024,
       .doc = "groups keep a multiple of so many channels, which kernels work on at once"}};
  for (ParameterSpec& spec : gradient_parameters()) {
    parameters.push_back(std::move(spec));
  }
  registry.add({.name = "channels",
                .doc = "structured pruning: the least important channels are removed from all "
                       "layers that share them",
                .citation = "Li, Kadav, Durdanovic, Samet, Graf, ICLR 2017; Molchanov, Mallya, "
                            "Tyree, Frosio, Kautz, CVPR 2019; Fang, Ma, Song, Bi Mi, Wang, CVPR "
                            "2023",
                .parameters = std::move(parameters),
                .apply = prune_channels});
}

}  // namespace offcut::compress
