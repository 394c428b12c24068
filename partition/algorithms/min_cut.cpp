// min-cut: the cheapest cut of a DAG between the device and one other tier, as a minimum cut (Hu,
// Bao, Wang, Liu, "Dynamic adaptive DNN surgery for inference acceleration on the edge", INFOCOM
// 2019, section IV, light load).
//
// Deviations: the paper's network counts a tensor again for each further branch that its auxiliary
// vertices miss, and lets a layer go back to the device; here a tensor counts once and nothing goes
// back. The input is on the device, the answer's way back and each hop's latency count. With more
// than two tiers, each of the others is tried, with what lies between as one hop: a relay receives
// a message whole before it sends it on, so times and latencies of the hops add up. Layers between
// are multi-tier's business. Any sum of latency, energy and money is minimised as the paper's
// latency is.

#include <algorithm>

#include "partition/algorithm.h"
#include "partition/solvers/minimum_cut.h"

namespace offcut::partition {
namespace {

const std::vector<std::string> kSolvers = {"boykov-kolmogorov", "push-relabel", "edmonds-karp"};

FlowSolver solver_of(const Parameters& parameters) {
  const auto at = std::find(kSolvers.begin(), kSolvers.end(), parameters.text("solver"));
  return static_cast<FlowSolver>(at - kSolvers.begin());
}

Answer solve_min_cut(const Problem& problem, const Parameters& parameters) {
  const FlowSolver solver = solver_of(parameters);
  Assignment best(problem.layer_count(), 0);
  double least = weigh(problem.goal.objective, evaluate(problem, best));
  for (std::size_t tier = 1; tier < problem.tier_count(); ++tier) {
    const CutCosts costs(problem, linear_costs(problem, problem.goal.objective, {0, tier}));
    Assignment found = plain_minimum_cut(costs, solver);
    for (std::size_t& of_layer : found) {
      of_layer *= tier;
    }
    const double value = weigh(problem.goal.objective, evaluate(problem, found));
    if (value < least) {
      least = value;
      best = std::move(found);
    }
  }
  // On two tiers the cut is all that there is to choose.
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
                .proof = Proof::bound,  // on two tiers
                .objectives = Objectives::linear,
                .within = {.pins = true},
                .parameters = {{.name = "solver",
                                .is_text = true,
                                .one_of = kSolvers,
                                .doc = "the maximum flow; all find the same cut"}},
                .solve = solve_min_cut,
                .note = note_min_cut});
}

}  // namespace offcut::partition
