// `edgent` finds the most accurate exit whose best cut answers within the deadline (Li, Zeng, Zhou,
// Chen, "Edge AI", IEEE Transactions on Wireless Communications 19(1), 2020).
// partition/solvers/early_exit.h has the algorithm. The network's outputs are its exits, and an
// exit with more layers is the more accurate one, as the paper assumes. O(outputs) minimum cuts.
//
// An assignment places all layers; all requests of the deployment leave at the exit, and skip the
// layers that it does not need.
//
// If the exit probabilities are known (Extras::exits) and there is no deadline, the answer is
// instead the cut of least expected latency (BranchyNet's, see expected_cost()) of a chain with
// exits on two tiers: partition/solvers/exit_network.h. Each request of the deployment draws whether
// it leaves at an exit.

#include <fmt/format.h>

#include <algorithm>
#include <limits>

#include "partition/algorithm.h"
#include "partition/dependence.h"
#include "partition/solvers/exit_network.h"
#include "partition/solvers/minimum_cut.h"

namespace offcut::partition {
namespace {

std::vector<NetworkExit> exits_of(const Problem& problem) {
  std::vector<NetworkExit> exits;
  for (std::size_t i = 0; i < problem.tensors.size(); ++i) {
    if (problem.tensors[i].is_output) {
      ProblemPart part = part_up_to(problem, i);
      exits.push_back({problem.tensors[i].name, static_cast<double>(part.layers.size()),
                       std::move(part.problem)});
    }
  }
  return exits;
}

/// Returns the deployment whose requests leave at the exits with their probabilities.
Deployment leaving_at_exits(const Problem& problem, const ExitNetwork& network, std::size_t cut) {
  Deployment deployment{.order = Deployment::Order::at_random,
                        .odds = shares_of_ways(network.chain)};
  const Assignment tier_of = network.cut_after(cut);
  const Cost whole = evaluate(problem, tier_of);
  for (std::size_t way = 0; way < network.ways(); ++way) {
    Cost cost = cost_of_way(network.chain, cut, way);
    add_derived_terms(problem, tier_of, cost);
    cost.memory = whole.memory;
    deployment.variants.push_back(
        {.name = way < network.exits.size() ? network.exits[way] : std::string("end"),
         .tier_of = tier_of,
         .cost = std::move(cost),
         .skipped = network.skipped(way)});
  }
  return deployment;
}

Answer least_expected_latency(const Problem& problem) {
  const auto found = exit_network(problem);
  if (const auto* declined = std::get_if<Declined>(&found)) {
    return *declined;
  }
  const ExitNetwork& network = std::get<ExitNetwork>(found);
  const std::size_t cut = best_expected_cut(network.chain);
  const ExpectedCost cost = expected_cost(network.chain, cut);
  Answer answer = network.cut_after(cut);
  answer.deployment = leaving_at_exits(problem, network, cut);
  answer.measure = Measure::mean_latency;
  answer.figures = {{"expected_latency", "s", cost.latency.si()},
                    {"expected_upload", "bytes", cost.upload.si()},
                    {"part_that_crosses", "", cost.crosses}};
  if (network.has_accuracy) {
    answer.figures.push_back({"expected_accuracy", "", cost.accuracy});
  }
  for (std::size_t exit = 0; exit < network.exits.size(); ++exit) {
    const ExitBranch& branch = network.chain.exits[exit];
    answer.figures.push_back({.name = fmt::format("exit {}", network.exits[exit]),
                              .value = problem.tiers[branch.after < cut ? 0 : 1],
                              .details = {{branch.leaves, "leave"}}});
  }
  return answer;
}

/// Returns the answer in which all requests leave at one exit. The layers that they skip are where
/// the layers before them are.
Answer leaving_at(const Problem& problem, const std::string& name, const ExitPlan& plan) {
  const std::size_t output = static_cast<std::size_t>(
      std::find_if(problem.tensors.begin(), problem.tensors.end(),
                   [&](const CrossingTensor& tensor) { return tensor.name == name; }) -
      problem.tensors.begin());
  const std::vector<LayerId> run = part_up_to(problem, output).layers;
  constexpr std::size_t kUnplaced = std::numeric_limits<std::size_t>::max();
  Assignment tier_of(problem.layer_count(), kUnplaced);
  for (std::size_t i = 0; i < run.size(); ++i) {
    tier_of[run[i]] = plan.tier_of[i];
  }
  Variant variant{.name = name, .tier_of = {}, .cost = plan.cost};
  const auto makers = makers_of(problem);
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    if (tier_of[layer] == kUnplaced) {
      tier_of[layer] = 0;
      for (const LayerId maker : makers[layer]) {
        tier_of[layer] = std::max(tier_of[layer], tier_of[maker]);
      }
      variant.skipped.push_back(layer);
    }
  }
  variant.tier_of = tier_of;
  variant.cost.memory = evaluate(problem, tier_of).memory;
  add_derived_terms(problem, tier_of, variant.cost);
  Answer answer = std::move(tier_of);
  answer.deployment = Deployment{.variants = {std::move(variant)}, .sequence = {0}};
  answer.figures = {{.name = "exit", .unit = "", .value = name},
                    {"latency", "s", plan.cost.latency().si()}};
  return answer;
}

Answer solve_edgent(const Problem& problem, const Parameters& parameters) {
  const Seconds deadline(parameters.at("deadline"));
  if (deadline == Seconds(0)) {
    return problem.extras.exits.empty() ? Declined{"it needs 'deadline' or exit probabilities"}
                                        : least_expected_latency(problem);
  }
  if (!problem.extras.exits.empty()) {
    return Declined{"it takes a deadline or exit probabilities, but not both"};
  }
  if (!can_cut(problem, problem.tier_count())) {
    return Declined{"it can't count the time of codecs on more than two tiers"};
  }
  const std::vector<NetworkExit> exits = exits_of(problem);
  const auto plan = most_accurate_exit(exits, deadline);
  if (!plan) {
    return Declined{fmt::format(
        "no exit answers within {}{}", to_readable(deadline),
        problem.has_stalls() ? " with the cut that is the cheapest without stalls" : "")};
  }
  return exits.size() > 1 || plan->tier_of.size() != problem.layer_count()
             ? leaving_at(problem, exits[plan->exit].name, *plan)
             : plan->tier_of;
}

}  // namespace

void register_edgent(Registry<Algorithm>& registry) {
  registry.add({.name = "edgent",
                .doc = "the deepest exit that a cut reaches within a deadline, or the cut of least "
                       "expected latency",
                .citation = "Li et al., Edgent, IEEE Transactions on Wireless Communications "
                            "19(1), 2020, algorithm 1",
                .growth = {"outputs minimum cuts, layers^2 with exits"},
                .takes = {.exits = true},
                .parameters = {{.name = "deadline",
                                .dimension = Dimension::time,
                                .fallback = 0,
                                .doc = "of one request's latency in an idle system; 0: none, and "
                                       "exit probabilities count",
                                .example = "1 s"}},
                .solve = solve_edgent,
                .branches = Branches::declined});
}

}  // namespace offcut::partition
