// Looked-up plans against the brute force over all assignments of random problems.

#include "sim/experiment/best_plans.h"

#include <doctest/doctest.h>

#include <boost/random/uniform_01.hpp>
#include <cmath>
#include <limits>

#include "../../partition/random_problem.h"
#include "partition/solvers/enumeration.h"

namespace offcut::experiment::best_plans_test {
namespace {

/// Draws conditions: the first hop's bandwidths together, or one of them, or both on their own, or
/// the load, or several at once.
Conditions random_conditions(RandomStream& random, const Conditions& nominal, int kind) {
  const auto factor = [&] {
    return std::pow(10, 4 * boost::random::uniform_01<double>()(random) - 2);
  };
  Conditions conditions = nominal;
  Conditions::Rates& first = conditions.hops.front();
  const double up = factor();
  switch (kind) {
    case 0:
      first = {first.up * up, first.down * up, first.latency};
      break;
    case 1:
      first.up = first.up * up;
      break;
    case 2:
      first.down = first.down * up;
      break;
    case 3:
      conditions.load.factor = up;
      break;
    case 4:
      first = {first.up * up, first.down * factor(), first.latency};
      break;
    case 5:
      first.up = first.up * up;
      conditions.load = {factor(), Seconds(0.5)};
      break;
    case 6:
      first.latency = Seconds(up / 10);
      break;
    default:
      conditions.hops.back().up = conditions.hops.back().up * up;
  }
  return conditions;
}

}  // namespace

TEST_CASE("best plans: what is looked up is the best of all assignments") {
  constexpr int kKinds = 8;
  int compared = 0;
  for (std::uint64_t i = 0; i < 120; ++i) {
    CAPTURE(i);
    RandomStream random = random_stream(31, "best plans", i);
    partition::Problem problem = partition::random_problem(
        random,
        {.least_layers = 2, .most_layers = 6, .least_tiers = 2, .most_tiers = 3, .plain = true});
    AssignmentPool pool;
    BestPlans plans(problem, pool);
    for (int kind = 0; kind < kKinds; ++kind) {
      CAPTURE(kind);
      for (int repeat = 0; repeat < 3; ++repeat) {
        const Conditions conditions = random_conditions(random, plans.nominal(), kind);
        double least = std::numeric_limits<double>::infinity();
        partition::each_assignment(problem, [&](const partition::Assignment& tier_of) {
          least = std::min(least, plans.value(tier_of, conditions));
          return true;
        });
        const partition::Assignment* best = plans.best(conditions);
        REQUIRE(best != nullptr);
        CHECK(plans.value(*best, conditions) == doctest::Approx(least).epsilon(1e-9).scale(1e-9));
        CHECK(best == pool.address_of(*best));  // One address for each assignment.
        ++compared;
      }
    }
  }
  CHECK(compared == 120 * kKinds * 3);
}

TEST_CASE("best plans: one moving quantity costs no solver calls once its decade is known") {
  const partition::Problem problem =
      partition::random_problem(3, 5, {.least_layers = 5, .least_tiers = 2, .plain = true});
  AssignmentPool pool;
  BestPlans plans(problem, pool);
  Conditions conditions = plans.nominal();
  const auto move = [&](double factor) {
    conditions.hops.front() = {plans.nominal().hops.front().up * factor,
                               plans.nominal().hops.front().down * factor,
                               plans.nominal().hops.front().latency};
    plans.best(conditions);
  };
  for (const double factor : {0.1, 1.0, 10.0}) {
    move(factor);
  }
  const std::int64_t calls = plans.solver_calls();
  CHECK(calls > 0);
  for (int i = 0; i < 1000; ++i) {
    move(std::pow(10, -1 + 2 * i / 1000.0));
  }
  CHECK(plans.solver_calls() <= calls + 20);  // A decade that the three did not touch.
  const std::int64_t after = plans.solver_calls();
  for (int i = 0; i < 1000; ++i) {
    move(std::pow(10, -1 + 2 * i / 1000.0));
  }
  CHECK(plans.solver_calls() == after);
  // Two quantities at once are solved, and the answer is kept.
  conditions.load.factor = 2;
  plans.best(conditions);
  CHECK(plans.solver_calls() > after);
  const std::int64_t solved = plans.solver_calls();
  plans.best(conditions);
  CHECK(plans.solver_calls() == solved);
}

}  // namespace offcut::experiment::best_plans_test
