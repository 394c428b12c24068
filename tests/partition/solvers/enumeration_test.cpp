#include "partition/solvers/enumeration.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <set>

#include "../naive.h"
#include "../random_problem.h"

namespace offcut::partition::enumeration_test {
namespace {

/// Returns all of the tiers^layers assignments that the naive walk can run and that keep the pins
/// and the tail.
std::set<Assignment> naive_assignments(const Problem& problem) {
  std::set<Assignment> all;
  naive_optimum(problem, [&](const Assignment& tier_of) {
    const auto is_home = [&](LayerId layer) { return tier_of[layer] == 0; };
    const auto& pinned = problem.goal.limits.pinned;
    if (naive_cost(problem, tier_of) && std::all_of(pinned.begin(), pinned.end(), is_home) &&
        std::all_of(problem.tail.begin(), problem.tail.end(), is_home)) {
      all.insert(tier_of);
    }
    return true;
  });
  return all;
}

}  // namespace

TEST_CASE("enumeration: every assignment that can run, exactly once") {
  const std::uint64_t seed = 831;
  for (std::uint64_t i = 0; i < 200; ++i) {
    Problem problem = random_problem(seed, i, {.most_layers = 5, .most_tiers = 3});
    RandomStream random = random_stream(seed, "limits", i);
    if (i % 2 == 0) {
      add_limits(random, problem);
    }
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    std::vector<Assignment> found;
    CHECK(each_assignment(problem, [&](const Assignment& tier_of) {
      found.push_back(tier_of);
      return true;
    }));
    CHECK(std::is_sorted(found.begin(), found.end()));
    CHECK(std::set<Assignment>(found.begin(), found.end()) == naive_assignments(problem));
    const auto count = static_cast<double>(found.size());
    CHECK(std::adjacent_find(found.begin(), found.end()) == found.end());
    CHECK(are_at_most(problem, count));
    CHECK_FALSE(are_at_most(problem, count - 1));
    if (problem.goal.limits.pinned.empty() && problem.tail.empty()) {
      CHECK(least_assignments(problem.layer_count(), problem.tier_count()) <= count * (1 + 1e-9));
    }
  }
}

TEST_CASE("enumeration: the assignments of a chain, by hand") {
  CHECK(least_assignments(7, 1) == 1);
  CHECK(least_assignments(7, 2) == 8);           // The device has 0 to 7 layers.
  CHECK(least_assignments(2, 3) == 6);           // 00 01 02 11 12 22.
  CHECK(least_assignments(2000, 3) == 2003001);  // 2001 * 2002 / 2.
}

}  // namespace offcut::partition::enumeration_test
