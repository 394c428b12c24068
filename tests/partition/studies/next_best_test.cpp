#include "partition/studies/next_best.h"

#include <doctest/doctest.h>

#include <cmath>
#include <numeric>

#include "../naive.h"
#include "../random_problem.h"
#include "naive_solver.h"
#include "partition/cost_terms.h"

namespace offcut::partition::next_best_test {

TEST_CASE("next best: the least of all plans that cost more than the best, by both methods") {
  Registry<Algorithm> algorithms;
  register_algorithms(algorithms);
  const Solver solver = [&](const Problem& problem) { return optimum(algorithms, problem); };
  const std::uint64_t seed = 821;
  int compared = 0;
  for (std::uint64_t i = 0; i < 200; ++i) {
    Problem problem = random_problem(
        seed, i, {.least_layers = 2, .most_layers = 6, .least_tiers = 2, .most_tiers = 3});
    RandomStream random = random_stream(seed, "objective", i);
    add_objective(random, problem);
    if (i % 3 == 0) {
      add_limits(random, problem);
    }
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const Optimum best = optimum(algorithms, problem);
    if (!std::holds_alternative<Plan>(best)) {
      CHECK(naive_optimum(problem) == INFINITY);
      continue;
    }
    const Assignment& tier_of = std::get<Plan>(best).tier_of;
    const double equal = weigh(problem.goal.objective, std::get<Plan>(best).cost) * (1 + 1e-9);
    bool has_equals = false;
    const double expected = naive_optimum(problem, [&](const Assignment& other) {
      const auto cost = naive_cost(problem, other);
      const bool costs_more = cost && cost->value(problem.goal.objective) > equal;
      has_equals |= cost && cost->keeps_limits && !costs_more && other != tier_of;
      return costs_more;
    });
    for (const double most : {1e5, 0.0}) {
      const auto found = next_best(problem, tier_of, solver, most);
      const bool can_tell =
          most > 0 || (problem.goal.objective.is_linear() && problem.goal.objective.latency > 0);
      if (const auto* next = std::get_if<NextBest>(&found)) {
        const double value = weigh(problem.goal.objective, next->plan.cost);
        CHECK(next->has_equals == has_equals);
        CHECK(value >= expected * (1 - 1e-9));
        if (next->is_sure) {
          CHECK(value == doctest::Approx(expected).epsilon(1e-9));
          ++compared;
        }
      } else if (can_tell && (most > 0 || !has_equals)) {
        CHECK(expected == INFINITY);
      }
    }
  }
  CHECK(compared > 200);
}

namespace {

/// Makes one part of the costs much larger than all others.
void enlarge(Problem& problem, std::uint64_t part) {
  constexpr double kMuch = 1e4;
  const auto all = [](std::vector<Seconds>& times) {
    for (Seconds& time : times) {
      time = time * kMuch;
    }
  };
  for (CrossingTensor& tensor : problem.tensors) {
    tensor.bytes = tensor.bytes * (part == 1 ? kMuch : 1);
    if (tensor.coding && part == 2) {
      all(tensor.coding->encode);
      all(tensor.coding->decode);
    }
  }
  for (Hop& hop : problem.hops) {
    hop.latency = hop.latency * (part == 3 ? kMuch : 1);
    hop.price *= part == 4 ? kMuch : 1;
  }
  for (double& price : problem.price) {
    price *= part == 5 ? kMuch : 1;
  }
  if (part == 6) {
    problem.radio.promotion = problem.radio.promotion * kMuch;
  } else if (part == 7) {
    problem.radio.tail = problem.radio.tail * kMuch;
  } else if (part == 8) {
    all(problem.per_request);
  } else if (part == 9) {
    problem.power.busy = problem.power.busy * kMuch;
    problem.power.idle = problem.power.idle * kMuch;
  }
}

}  // namespace

TEST_CASE("next best: with codecs, transport and limits, by both methods") {
  const std::uint64_t seed = 823;
  int compared = 0;
  for (std::uint64_t i = 0; i < 600; ++i) {
    Problem problem = random_problem(
        seed, i, {.least_layers = 2, .most_layers = 4, .least_tiers = 2, .most_tiers = 3});
    RandomStream random = random_stream(seed, "everything", i);
    add_everything(random, problem);
    enlarge(problem, i % 10);
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const auto best = naive_best(problem);
    if (!best) {
      continue;
    }
    const double equal = best->value * (1 + 1e-9);
    double expected = INFINITY;
    bool has_equals = false;
    each_placement(problem, [&](const Assignment& other) {
      const auto cost = naive_cost(problem, other);
      if (cost && cost->keeps_limits && other != best->tier_of) {
        const double value = cost->value(problem.goal.objective);
        has_equals = has_equals || value <= equal;
        expected = value > equal ? std::min(expected, value) : expected;
      }
    });
    const Objective& objective = problem.goal.objective;
    for (const double most : {1e5, 0.0}) {
      const auto found = next_best(problem, best->tier_of, naive_solver, most);
      const auto* next = std::get_if<NextBest>(&found);
      const bool can_tell = most > 0 || (objective.is_linear() && objective.latency > 0);
      // Optima with one layer kept off its tier may all be equals of the best.
      const bool is_sure = can_tell && (most > 0 || !has_equals);
      CHECK((next != nullptr) >= (is_sure && expected < INFINITY));
      if (next != nullptr) {
        CHECK(can_tell);
        CHECK(next->is_sure == is_sure);
        CHECK(next->has_equals == has_equals);
        CHECK(weigh(objective, next->plan.cost) >= expected * (1 - 1e-9));
        CHECK((!is_sure ||
               weigh(objective, next->plan.cost) == doctest::Approx(expected).epsilon(1e-9)));
        compared += is_sure ? 1 : 0;
      }
    }
  }
  CHECK(compared > 150);
}

TEST_CASE("cost terms: the terms add up to the objective") {
  const std::uint64_t seed = 822;
  for (std::uint64_t i = 0; i < 300; ++i) {
    Problem problem = random_problem(seed, i);
    RandomStream random = random_stream(seed, "objective", i);
    add_objective(random, problem);
    const Assignment tier_of = random_assignment(random, problem);
    const auto terms = cost_terms(problem, evaluate(problem, tier_of));
    const double sum =
        std::accumulate(terms.begin(), terms.end(), 0.0,
                        [](double so_far, const CostTerm& term) { return so_far + term.value; });
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    CHECK(
        sum ==
        doctest::Approx(naive_cost(problem, tier_of)->value(problem.goal.objective)).epsilon(1e-9));
  }
}

}  // namespace offcut::partition::next_best_test
