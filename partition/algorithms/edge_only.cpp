// `edge-only` runs every layer on one tier, the second by default, and uploads the raw input. O(n).

#include "partition/solvers/one_tier.h"

namespace offcut::partition {
namespace {

std::variant<Assignment, Declined> solve_edge_only(const Problem& problem,
                                                   const Parameters& parameters) {
  return all_on(problem, parameters, 1);
}

}  // namespace

void register_edge_only(Registry<Algorithm>& registry) {
  registry.add({.name = "edge-only",
                .doc = "every layer on the second tier",
                .citation = "baseline",
                .growth = {"layers"},
                .parameters = {tier_parameter("the second tier")},
                .solve = solve_edge_only,
                .baseline = Baseline::second_tier});
}

}  // namespace offcut::partition
