// `edge-only` runs every layer on the tier named 'edge' and uploads the raw input. O(n).

#include "partition/solvers/one_tier.h"

namespace offcut::partition {
namespace {

std::variant<Assignment, Declined> solve_edge_only(const Problem& problem, const Parameters&) {
  return all_on(problem, "edge");
}

}  // namespace

void register_edge_only(Registry<Algorithm>& registry) {
  registry.add({.name = "edge-only",
                .doc = "every layer on the tier named 'edge'",
                .citation = "baseline",
                .growth = {"layers"},
                .solve = solve_edge_only});
}

}  // namespace offcut::partition
