// `cloud-only` runs every layer on the tier named 'cloud' and uploads the raw input. O(n).

#include "partition/solvers/one_tier.h"

namespace offcut::partition {
namespace {

std::variant<Assignment, Declined> solve_cloud_only(const Problem& problem, const Parameters&) {
  return all_on(problem, "cloud");
}

}  // namespace

void register_cloud_only(Registry<Algorithm>& registry) {
  registry.add({.name = "cloud-only",
                .doc = "every layer on the tier named 'cloud'",
                .citation = "baseline",
                .growth = {"layers"},
                .solve = solve_cloud_only});
}

}  // namespace offcut::partition
