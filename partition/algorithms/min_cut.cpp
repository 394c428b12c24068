// `min-cut` finds the cheapest cut of a DAG between the device and one other tier, as a minimum cut
// (Hu, Bao, Wang, Liu, "Dynamic adaptive DNN surgery for inference acceleration on the edge",
// INFOCOM 2019, section IV, light load).
//
// Deviations: the paper's flow network counts a tensor again for each branch without an auxiliary
// vertex, and allows layers to go back to the device. Here, a tensor counts once, and no layer goes
// back. The input is on the device; the answer's way back and each hop's latency count. With more
// than two tiers, each of the others is tried, with the legs to it as one: a relay receives a whole
// message before it sends it on, so times and latencies of legs add up. `multi-tier` also uses the
// tiers between. Any sum of latency, energy and money is minimised in the way of the paper's
// latency.

#include <algorithm>

#include "partition/algorithm.h"
#include "partition/solvers/minimum_cut.h"
#include "partition/stops.h"

namespace offcut::partition {
namespace {

const std::vector<std::string> kSolvers = {"boykov-kolmogorov", "push-relabel", "edmonds-karp"};

FlowSolver solver_of(const Parameters& parameters) {
  const auto chosen = std::find(kSolvers.begin(), kSolvers.end(), parameters.text("solver"));
  return static_cast<FlowSolver>(chosen - kSolvers.begin());
}

/// Returns the cheapest cut between the device and a tier: 0 for layers on the device.
Assignment cut_with(const Problem& problem, std::size_t tier, FlowSolver solver) {
  const Objective& objective = problem.goal.objective;
  if (!problem.has_routes()) {
    return plain_minimum_cut(CutCosts(problem, linear_costs(problem, objective, {0, tier})),
                             solver);
  }
  const Problem two = with_one_other(problem, tier).problem;
  return plain_minimum_cut(CutCosts(two, linear_costs(two, objective, {0, two.tier_count() - 1})),
                           solver);
}

Answer solve_min_cut(const Problem& problem, const Parameters& parameters) {
  const FlowSolver solver = solver_of(parameters);
  Assignment best(problem.layer_count(), 0);
  double least = weigh(problem.goal.objective, evaluate(problem, best));
  for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
    Assignment found = cut_with(problem, tier, solver);
    for (std::size_t& placed : found) {
      placed *= tier;
    }
    const double value = weigh(problem.goal.objective, evaluate(problem, found));
    if (value < least) {
      least = value;
      best = std::move(found);
    }
  }
  // On two tiers, there is no other choice than the cut, so it is the optimum.
  return {std::move(best), problem.tier_count() <= 2 ? std::optional(least) : std::nullopt};
}

std::string note_min_cut(const Problem& problem, const Assignment&) {
  return problem.tier_count() > 2 ? "best of the device and one other tier" : "";
}

}  // namespace

void register_min_cut(Registry<Algorithm>& registry) {
  registry.add({.name = "min-cut",
                .doc = "the cheapest cut of a DAG between the device and one other tier",
                .citation = "Hu et al., DADS, INFOCOM 2019, section IV",
                .proof = Proof::bound,  // On two tiers.
                .growth = {"tiers maximum flows"},
                .objectives = Objectives::linear,
                .within = {.pins = true},
                .parameters = {{.name = "solver",
                                .is_text = true,
                                .one_of = kSolvers,
                                .doc = "algorithm for the maximum flow; all find the same cut"}},
                .solve = solve_min_cut,
                .note = note_min_cut,
                .ignores_stalls = true,
                .branches = Branches::bounded});
}

}  // namespace offcut::partition
