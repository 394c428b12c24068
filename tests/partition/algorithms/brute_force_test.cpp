#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../naive.h"
#include "../random_problem.h"
#include "partition/algorithm.h"

namespace offcut::partition::brute_force_test {
namespace {

Outcome brute_force(const Problem& problem, double most = 2e6) {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  Parameters parameters;
  parameters.set("most", most);
  return solve(*registry.find("brute-force"), problem, parameters);
}

/// A chain of three layers on three tiers, where every layer costs the same on each tier and
/// sending is free: all plans cost 3 s.
Problem indifferent() {
  const Hop hop{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)};
  return {{.tiers = {"device", "edge", "cloud"},
           .layers = {"a", "b", "c"},
           .seconds = {3, {Seconds(1), Seconds(1), Seconds(1)}},
           .tensors = {{"in", {}, {0}, Bytes(0)},
                       {"a", 0, {1}, Bytes(0)},
                       {"b", 1, {2}, Bytes(0)},
                       {"c", 2, {}, Bytes(0), true}},
           .hops = {hop, hop}}};
}

}  // namespace

TEST_CASE("brute-force: no assignment is cheaper, of all tiers^layers") {
  const std::uint64_t seed = 201;
  for (std::uint64_t i = 0; i < 600; ++i) {
    const Problem problem = random_problem(seed, i);
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const Plan plan = std::get<Plan>(brute_force(problem));
    INFO("its plan: " << to_text(plan.tier_of));
    const double least = naive_optimum(problem);
    CHECK(plan.cost.latency().si() == doctest::Approx(least).epsilon(1e-12));
    CHECK(naive_seconds(problem, plan.tier_of).value() == doctest::Approx(least).epsilon(1e-12));
  }
}

TEST_CASE("brute-force: any objective within any limits, of all tiers^layers") {
  const std::uint64_t seed = 202;
  std::size_t impossible = 0;
  for (std::uint64_t i = 0; i < 1000; ++i) {
    Problem problem = random_problem(seed, i, {.most_layers = 6});
    RandomStream random = random_stream(seed, "objective and limits", i);
    add_objective(random, problem);
    if (i % 3 > 0) {
      add_limits(random, problem);
    }
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const double least = naive_optimum(problem);
    const Outcome outcome = brute_force(problem);
    CHECK(std::holds_alternative<Plan>(outcome) == std::isfinite(least));
    if (const auto* plan = std::get_if<Plan>(&outcome)) {
      INFO("its plan: " << to_text(plan->tier_of));
      CHECK(weigh(problem.goal.objective, plan->cost) == doctest::Approx(least).epsilon(1e-12));
      CHECK(*plan->bound == doctest::Approx(least).epsilon(1e-12));
    } else {
      CHECK(std::get<Declined>(outcome).reason == "no plan keeps the limits");
      ++impossible;
    }
  }
  CHECK(impossible > 20);
  CHECK(impossible < 500);
}

TEST_CASE("brute-force: among equals, layers stay nearest to the device") {
  CHECK(std::get<Plan>(brute_force(indifferent())).tier_of == Assignment{0, 0, 0});
  // If the last layer is cheaper on all other tiers, only that layer moves, to the nearest of them.
  Problem problem = indifferent();
  problem.seconds[1][2] = problem.seconds[2][2] = Seconds(0.5);
  CHECK(std::get<Plan>(brute_force(problem)).tier_of == Assignment{0, 0, 1});
}

TEST_CASE("brute-force: the limit on assignments is exact") {
  // A chain of n layers on three tiers has (n + 1)(n + 2) / 2 monotone assignments: 10 for n = 3.
  CHECK(std::holds_alternative<Plan>(brute_force(indifferent(), 10)));
  const Outcome refused = brute_force(indifferent(), 9);
  REQUIRE(std::holds_alternative<Declined>(refused));
  CHECK(std::get<Declined>(refused).reason ==
        "there are more than 9 monotone assignments of 3 layers to 3 tiers (the parameter 'most' "
        "sets the limit)");
}

TEST_CASE("brute-force: declines at once if there are too many assignments to count") {
  // 200 layers that all read the input have 2^200 assignments. This test ends only if the counting
  // stops early.
  Problem wide = {
      {.tiers = {"device", "cloud"}, .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}}};
  wide.tensors = {{"in", {}, {}, Bytes(1)}};
  for (LayerId layer = 0; layer < 200; ++layer) {
    wide.layers.push_back(fmt::format("layer{}", layer));
    wide.tensors.front().consumers.push_back(layer);
    wide.tensors.push_back({fmt::format("t{}", layer), layer, {}, Bytes(1), true});
  }
  wide.seconds = {2, std::vector<Seconds>(200, Seconds(1))};
  wide.check();
  CHECK(std::holds_alternative<Declined>(brute_force(wide, 1e5)));
}

}  // namespace offcut::partition::brute_force_test
