#include <doctest/doctest.h>

#include "../naive.h"
#include "../random_problem.h"
#include "partition/algorithm.h"

namespace offcut::partition::exact_test {

TEST_CASE("exact: after an early stop, a plan within the limits and a bound below the optimum" *
          doctest::test_suite("slow")) {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  const Algorithm& exact = *registry.find("exact");
  const Algorithm& brute_force = *registry.find("brute-force");
  Parameters parameters;
  parameters.set("nodes", 1);
  const std::uint64_t seed = 801;
  std::size_t stopped = 0;
  std::size_t gaps = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    Problem problem = random_problem(seed, i, {.least_layers = 7, .most_layers = 9});
    RandomStream random = random_stream(seed, "limits", i);
    add_objective(random, problem);
    add_limits(random, problem);
    problem.goal.objective = {.latency = 0, .bottleneck = 1};
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const Outcome least = solve(brute_force, problem, defaults(brute_force.parameters));
    const Outcome outcome = solve(exact, problem, parameters);
    if (const auto* declined = std::get_if<Declined>(&outcome)) {
      const bool early = declined->reason.starts_with("no plan found in 1 nodes");
      CHECK((early || std::holds_alternative<Declined>(least)));
      stopped += early ? 1U : 0U;
      continue;
    }
    REQUIRE(std::holds_alternative<Plan>(least));
    const Plan& plan = std::get<Plan>(outcome);
    const double optimum = std::get<Plan>(least).cost.bottleneck.si();
    CHECK(*plan.bound <= optimum * (1 + 1e-9));
    CHECK(plan.cost.bottleneck.si() >= optimum * (1 - 1e-9));
    const bool has_gap = *plan.bound < plan.cost.bottleneck.si() * (1 - 1e-9);
    CHECK(has_gap == plan.note.starts_with("stopped early"));
    gaps += has_gap ? 1U : 0U;
  }
  INFO(stopped, " without a plan, ", gaps, " with a gap");
  CHECK(stopped + gaps > 0);
}

TEST_CASE("exact: codings that take time, on three tiers") {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  const Algorithm& exact = *registry.find("exact");
  const Algorithm& brute_force = *registry.find("brute-force");
  const std::uint64_t seed = 802;
  for (std::uint64_t i = 0; i < 200; ++i) {
    Problem problem = random_problem(seed, i, {.least_tiers = 2});
    RandomStream random = random_stream(seed, "codings", i);
    for (CrossingTensor& tensor : problem.tensors) {
      tensor.coding = Coding{Bytes(static_cast<double>(random() % 4)), {}, {}};
      for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
        tensor.coding->encode.emplace_back(0.1 * static_cast<double>(random() % 4));
        tensor.coding->decode.emplace_back(0.1 * static_cast<double>(random() % 4));
      }
    }
    if (i % 2 == 0) {
      add_objective(random, problem);
    }
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const Plan found = std::get<Plan>(solve(exact, problem, defaults(exact.parameters)));
    const Plan least =
        std::get<Plan>(solve(brute_force, problem, defaults(brute_force.parameters)));
    CHECK(weigh(problem.goal.objective, found.cost) ==
          doctest::Approx(weigh(problem.goal.objective, least.cost)).epsilon(1e-9));
  }
}

TEST_CASE("exact: openings of connections and times per request count once") {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  const Algorithm& exact = *registry.find("exact");
  const Algorithm& brute_force = *registry.find("brute-force");
  const std::uint64_t seed = 803;
  for (std::uint64_t i = 0; i < 150; ++i) {
    Problem problem = random_problem(seed, i, {.most_layers = 5, .least_tiers = 2});
    RandomStream random = random_stream(seed, "openings", i);
    for (Hop& hop : problem.hops) {
      hop.tcp = Tcp{.handshake = true};
    }
    for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
      problem.per_request.emplace_back(static_cast<double>(random() % 4));
    }
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const Plan found = std::get<Plan>(solve(exact, problem, defaults(exact.parameters)));
    const Plan least =
        std::get<Plan>(solve(brute_force, problem, defaults(brute_force.parameters)));
    CHECK(weigh(problem.goal.objective, found.cost) ==
          doctest::Approx(weigh(problem.goal.objective, least.cost)).epsilon(1e-9));
  }
}

}  // namespace offcut::partition::exact_test
