// Tests of greedy, random and k-means on cases that are worked out by hand. The contracts of all
// algorithms are in algorithm_test.cpp and optimality_test.cpp.

#include <doctest/doctest.h>

#include <set>

#include "partition/algorithm.h"

namespace offcut::partition::heuristics_test {
namespace {

Plan plan_of(const std::string& name, const Problem& problem, const Parameters* parameters = {}) {
  Registry<Algorithm> registry;
  register_algorithms(registry);
  const Algorithm& algorithm = *registry.find(name);
  return std::get<Plan>(solve(
      algorithm, problem, parameters != nullptr ? *parameters : defaults(algorithm.parameters)));
}

/// The chain a, b, c, d with an input of 10 B, tensors of 1 B, 1 B/s each way, and no latency.
Problem row(std::vector<Seconds> on_device, std::vector<Seconds> in_cloud) {
  return {{.tiers = {"device", "cloud"},
           .layers = {"a", "b", "c", "d"},
           .seconds = {std::move(on_device), std::move(in_cloud)},
           .tensors = {{"in", {}, {0}, Bytes(10)},
                       {"a", 0, {1}, Bytes(1)},
                       {"b", 1, {2}, Bytes(1)},
                       {"c", 2, {3}, Bytes(1)},
                       {"d", 3, {}, Bytes(1), true}},
           .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}}};
}

std::vector<Seconds> seconds(std::initializer_list<double> values) {
  return {values.begin(), values.end()};
}

}  // namespace

TEST_CASE("greedy: each layer where it costs least at that point, whatever follows") {
  // The device takes 5 s for a, the cloud 10 + 0 s: a stays. The device takes 3 s for b, the cloud
  // 1 + 1 s: b moves, and all later layers follow.
  CHECK(plan_of("greedy", row(seconds({5, 3, 1, 1}), seconds({0, 1, 0.5, 0.5}))).tier_of ==
        Assignment{0, 1, 1, 1});
  // It does not foresee that d takes long in the cloud; in the optimum, all layers stay.
  const Problem trap = row(seconds({5, 3, 1, 1}), seconds({0, 1, 9, 9}));
  CHECK(plan_of("greedy", trap).cost.latency() == Seconds(5 + 1 + 1 + 9 + 9 + 1));
  CHECK(plan_of("brute-force", trap).cost.latency() == Seconds(10));
}

TEST_CASE("greedy: a tier without free memory is skipped") {
  Problem problem = row(seconds({1, 1, 1, 1}), seconds({9, 9, 9, 9}));
  CHECK(plan_of("greedy", problem).tier_of == Assignment{0, 0, 0, 0});
  problem.memory.assign(4, {Bytes(10), Bytes(1)});
  problem.goal.limits.memory = {Bytes(21), std::nullopt};
  CHECK(plan_of("greedy", problem).tier_of == Assignment{0, 0, 1, 1});
}

TEST_CASE("random: the seed determines the plan, and more tries are no worse") {
  const Problem problem = row(seconds({5, 3, 1, 1}), seconds({0, 1, 0.5, 0.5}));
  Parameters parameters;
  parameters.set("tries", 1);
  std::set<Assignment> seen;
  for (int seed = 0; seed < 200; ++seed) {
    parameters.set("seed", seed);
    seen.insert(plan_of("random", problem, &parameters).tier_of);
    CHECK(plan_of("random", problem, &parameters).tier_of ==
          plan_of("random", problem, &parameters).tier_of);
  }
  CHECK(seen.size() == 5);  // All plans: none to four layers on the device.
  parameters.set("tries", 300);
  CHECK(plan_of("random", problem, &parameters).cost.latency() ==
        plan_of("brute-force", problem).cost.latency());
}

TEST_CASE("k-means: similar layers are together, in the order of depth") {
  // The layers a and b are slow with large weights, c and d are quick with small ones; all have the
  // same bytes.
  Problem problem = row(seconds({9, 10, 1, 1}), seconds({1, 1, 1, 1}));
  problem.memory = {{Bytes(90), Bytes(0)}, {Bytes(100), Bytes(0)}, {}, {}};
  CHECK(plan_of("k-means", problem).tier_of == Assignment{0, 0, 1, 1});
  // If b has small weights, too, it is with the others.
  problem.seconds[0][1] = Seconds(1);
  problem.memory[1] = {};
  CHECK(plan_of("k-means", problem).tier_of == Assignment{0, 1, 1, 1});
}

}  // namespace offcut::partition::heuristics_test
