// `cloud-only` runs every layer on one tier, the last by default, and uploads the raw input. O(n).

#include "partition/solvers/one_tier.h"

namespace offcut::partition {
namespace {

std::variant<Assignment, Declined> solve_cloud_only(const Problem& problem,
                                                    const Parameters& parameters) {
  return all_on(problem, parameters, problem.tier_count() - 1);
}

}  // namespace

void register_cloud_only(Registry<Algorithm>& registry) {
  registry.add({.name = "cloud-only",
                .doc = "every layer on the last tier",
                .citation = "baseline",
                .growth = {"layers"},
                .parameters = {tier_parameter("the last tier")},
                .solve = solve_cloud_only,
                .baseline = Baseline::last_tier});
}

}  // namespace offcut::partition
