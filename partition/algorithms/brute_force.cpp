// `brute-force` evaluates every monotone assignment and keeps the cheapest one within the limits.
// It takes any objective and is the oracle for all other algorithms. Among equals, it keeps the one
// with its layers nearest to the device, in the order of the layers. O(tensors) per assignment;
// their number is (n+1)(n+2)/2 for a chain of n layers on three tiers, exponential in the parallel
// branches of a DAG, and bounded by the parameter `most`.

#include <fmt/format.h>

#include <cmath>

#include "partition/algorithm.h"
#include "partition/solvers/enumeration.h"

namespace offcut::partition {
namespace {

Answer solve_brute_force(const Problem& problem, const Parameters& parameters) {
  const double most = parameters.at("most");
  if (!are_at_most(problem, most)) {
    return Declined{
        fmt::format("there are more than {:.0f} monotone assignments of {} layers to {} tiers "
                    "(the parameter 'most' sets the limit)",
                    most, problem.layer_count(), problem.tier_count())};
  }
  Assignment best;
  double least = INFINITY;
  bool none = true;
  each_assignment(problem, [&](const Assignment& tier_of) {
    const auto value = value_within_limits(problem, tier_of);
    if (value && *value < least) {
      least = *value;
      best = tier_of;
      none = false;
    }
    return true;
  });
  if (none) {
    return Declined{"no plan keeps the limits"};
  }
  return best;
}

/// See Growth::seconds.
double seconds_of_brute_force(const Problem& problem, const Parameters& parameters) {
  const double count = least_assignments(problem.layer_count(), problem.tier_count());
  return count > parameters.at("most") ? 0 : 1.6e-8 * count * double(problem.tensors.size());
}

}  // namespace

void register_brute_force(Registry<Algorithm>& registry) {
  registry.add({.name = "brute-force",
                .doc = "the optimum of small graphs, by trying every monotone assignment",
                .citation = "exhaustive search",
                .proof = Proof::optimum,
                .effort = Effort::assignments,
                .growth = {"layers^(tiers-1) tensors, exponential in parallel branches",
                           seconds_of_brute_force},
                .within = {.pins = true, .memory = true, .deadline = true},
                .parameters = {{.name = "most",
                                .fallback = 2e6,
                                .least = 1,
                                .doc = "assignments that it may try before it declines"}},
                .solve = solve_brute_force});
}

}  // namespace offcut::partition
