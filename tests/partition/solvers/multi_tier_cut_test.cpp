#include "partition/solvers/multi_tier_cut.h"

#include <doctest/doctest.h>

#include "../random_problem.h"
#include "partition/evaluation.h"

namespace offcut::partition::multi_tier_cut_test {
namespace {

double plain(const Problem& problem) {
  const CutCosts costs(problem, linear_costs(problem, problem.goal.objective));
  return weigh(problem.goal.objective,
               evaluate(problem, plain_minimum_cut(costs, FlowSolver::boykov_kolmogorov)));
}

double by_blocks(const MultiTierCut& cut, const Problem& problem) {
  return weigh(problem.goal.objective, evaluate(problem, cut.solve(problem)));
}

/// Returns a chain of layers with tensors of one size, on two tiers.
Problem chain(std::size_t layers) {
  Problem problem{{.tiers = {"device", "cloud"},
                   .seconds = {2, std::vector<Seconds>(layers, Seconds(1))},
                   .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}}};
  problem.tensors = {{"in", {}, {0}, Bytes(1)}};
  for (LayerId layer = 0; layer < layers; ++layer) {
    problem.layers.push_back("layer" + std::to_string(layer));
    problem.tensors.push_back({problem.layers.back(), layer, {}, Bytes(1), layer + 1 == layers});
    if (layer + 1 < layers) {
      problem.tensors.back().consumers.push_back(layer + 1);
    }
  }
  return problem;
}

}  // namespace

TEST_CASE("multi-tier cut: the layers that are cut vertices") {
  Problem problem = chain(6);
  CHECK(MultiTierCut(problem).cut_vertices() == 6);
  CHECK(MultiTierCut(problem).largest_block() == 0);
  // Layer 4 also reads the tensor of layer 1, which bypasses layers 2 and 3.
  problem.tensors[2].consumers = {2, 4};
  CHECK(MultiTierCut(problem).cut_vertices() == 4);
  CHECK(MultiTierCut(problem).largest_block() == 2);
  // The last layer also reads the input, so only that layer is a cut vertex.
  problem.tensors[0].consumers = {0, 5};
  CHECK(MultiTierCut(problem).cut_vertices() == 1);
  CHECK(MultiTierCut(problem).largest_block() == 5);
}

TEST_CASE(
    "multi-tier cut: the cost equals that of one plain cut, for any linear objective and pins") {
  const std::uint64_t seed = 701;
  for (std::uint64_t i = 0; i < 600; ++i) {
    Problem problem = random_problem(
        seed, i, {.least_layers = 20, .most_layers = 60, .least_tiers = 2, .plain = i % 2 == 0});
    RandomStream random = random_stream(seed, "objective", i);
    add_objective(random, problem);
    problem.goal.objective.bottleneck = 0;
    for (LayerId layer = 0; layer < i % 4; ++layer) {
      problem.goal.limits.pinned.push_back(layer);
    }
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    CHECK(by_blocks(MultiTierCut(problem), problem) ==
          doctest::Approx(plain(problem)).epsilon(1e-11));
  }
}

TEST_CASE("multi-tier cut: prepared once, it plans for other bandwidths, times and prices") {
  const std::uint64_t seed = 702;
  for (std::uint64_t i = 0; i < 200; ++i) {
    Problem problem =
        random_problem(seed, i, {.least_layers = 10, .most_layers = 40, .least_tiers = 2});
    const MultiTierCut prepared(problem);
    RandomStream random = random_stream(seed, "objective", i);
    add_objective(random, problem);
    problem.goal.objective.bottleneck = 0;
    for (double factor = 1e-3; factor < 1e4; factor *= 10) {
      Problem changed = problem;
      for (Hop& hop : changed.hops) {
        hop.up = hop.up * factor;
        hop.down = hop.down * (factor / 2);
      }
      for (Seconds& seconds : changed.seconds.back()) {
        seconds = seconds * (3 * factor);
      }
      INFO("seed " << seed << ", problem " << i << ", factor " << factor << "\n"
                   << to_dot(changed));
      CHECK(by_blocks(prepared, changed) == doctest::Approx(plain(changed)).epsilon(1e-11));
    }
  }
}

}  // namespace offcut::partition::multi_tier_cut_test
