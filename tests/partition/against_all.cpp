#include "against_all.h"

#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "naive.h"
#include "random_problem.h"

namespace offcut::partition {
namespace {

constexpr double kNearOptimum = 1e-9;

/// Returns whether the assignment leaves out a tier before its last one.
bool skips_tier(const Problem& problem, const Assignment& tier_of) {
  std::vector<bool> used(problem.tier_count() + 1, false);
  for (const std::size_t tier : tier_of) {
    used[tier] = true;
  }
  const auto last = std::find(used.rbegin(), used.rend(), true);
  return std::find(std::next(used.begin()), last.base(), false) < last.base() - 1;
}

}  // namespace

void compare_with_all(const Problem& problem, const Registry<Algorithm>& algorithms,
                      bool with_exact, ComparisonCounts& counts) {
  const auto best = naive_best(problem);
  const double optimum = best ? best->value : INFINITY;
  counts.skips += best && skips_tier(problem, best->tier_of) ? 1U : 0U;
  for (const auto& [name, algorithm] : algorithms) {
    if (name == "exact" && !with_exact) {
      continue;
    }
    const Outcome outcome = solve(algorithm, problem, defaults(algorithm.parameters));
    INFO(name << " " << refusal_text(outcome) << "\n" << to_dot(problem));
    REQUIRE(!std::holds_alternative<Failed>(outcome));
    const auto* plan = std::get_if<Plan>(&outcome);
    if (plan == nullptr || plan->deployment) {  // deployment_test.cpp has what several devices do.
      continue;
    }
    ++counts.answers[name];
    const auto cost = naive_cost(problem, plan->tier_of);
    REQUIRE(cost);
    const double value = cost->value(problem.goal.objective);
    CHECK(weigh(problem.goal.objective, plan->cost) ==
          doctest::Approx(value).epsilon(kNearOptimum));
    CHECK(value >= optimum * (1 - kNearOptimum));
    CHECK((!plan->bound || *plan->bound <= optimum * (1 + kNearOptimum)));
    const bool is_proven = plan->bound && *plan->bound >= value * (1 - kNearOptimum);
    counts.proven[name] += is_proven ? 1U : 0U;
    counts.best[name] += value <= optimum * (1 + kNearOptimum) ? 1U : 0U;
    if (is_proven) {
      CHECK(value <= optimum * (1 + kNearOptimum));
    }
    // Cuts may leave a gap between the bound and the plan, and say so.
    const bool may_have_gap =
        name == "multi-tier" || (problem.is_parallel() && algorithm.branches == Branches::bounded);
    if (proves_optimum(algorithm) && !may_have_gap) {
      CHECK(is_proven);
    }
  }
}

}  // namespace offcut::partition
