#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../naive.h"
#include "../outcome_of.h"
#include "../random_problem.h"

namespace offcut::partition::minimum_cut_test {
namespace {

/// Returns the least cost of all assignments to the device and one other tier.
double best_of_two(const Problem& problem) {
  double least = INFINITY;
  each_cut_in_two(problem, [&](const Assignment& tier_of) {
    least = std::min(least, naive_seconds(problem, tier_of).value());
  });
  return least;
}

/// Parallel layers that all read the input and lead to one answer, without a cut vertex between.
Problem wide(std::size_t branches) {
  Problem problem{{.tiers = {"device", "edge", "cloud"},
                   .hops = {{BytesPerSecond(1e6), BytesPerSecond(1e6), Seconds(1e-3)},
                            {BytesPerSecond(1e7), BytesPerSecond(1e7), Seconds(1e-2)}}}};
  problem.tensors = {{"in", {}, {}, Bytes(1000)}};
  RandomStream random = random_stream(1, "wide");
  problem.seconds.resize(3);
  for (LayerId layer = 0; layer <= branches; ++layer) {
    const bool last = layer == branches;
    problem.layers.push_back(fmt::format("layer{}", layer));
    problem.tensors.push_back(
        {fmt::format("t{}", layer), layer, {}, Bytes(static_cast<double>(random() % 5000)), last});
    if (last) {
      for (std::size_t t = 1; t <= branches; ++t) {
        problem.tensors[t].consumers = {layer};
      }
    } else {
      problem.tensors.front().consumers.push_back(layer);
    }
    for (std::size_t tier = 0; tier < 3; ++tier) {
      problem.seconds[tier].emplace_back(static_cast<double>(random() % 1000) * 1e-5 /
                                         static_cast<double>(tier + 1));
    }
  }
  problem.check();
  return problem;
}

}  // namespace

TEST_CASE("multi-tier: no assignment is cheaper, of all tiers^layers") {
  const std::uint64_t seed = 501;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const Problem problem = random_problem(seed, i);
    INFO("seed " << seed << ", problem " << i << "\n" << to_dot(problem));
    const Plan plan = plan_of("multi-tier", problem);
    INFO("its plan: " << to_text(plan.tier_of));
    CHECK(plan.cost.latency().si() == doctest::Approx(naive_optimum(problem)).epsilon(1e-12));
  }
}

TEST_CASE("multi-tier: equals brute-force on DAGs of up to 11 layers") {
  const ProblemKind kind{.least_layers = 8, .most_layers = 11, .least_tiers = 3, .plain = true};
  for (std::uint64_t i = 0; i < 60; ++i) {
    const Problem problem = random_problem(502, i, kind);
    INFO("problem " << i << "\n" << to_dot(problem));
    CHECK(plan_of("multi-tier", problem).cost.latency().si() ==
          doctest::Approx(plan_of("brute-force", problem).cost.latency().si()).epsilon(1e-12));
  }
}

TEST_CASE("multi-tier: among equals, layers stay nearest to the device") {
  const Hop hop{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)};
  Problem problem{{.tiers = {"device", "edge", "cloud"},
                   .layers = {"a", "b", "c"},
                   .seconds = {3, {Seconds(1), Seconds(1), Seconds(1)}},
                   .tensors = {{"in", {}, {0}, Bytes(0)},
                               {"a", 0, {1}, Bytes(0)},
                               {"b", 1, {2}, Bytes(0)},
                               {"c", 2, {}, Bytes(0), true}},
                   .hops = {hop, hop}}};
  CHECK(plan_of("multi-tier", problem).tier_of == Assignment{0, 0, 0});
  problem.seconds[1][2] = problem.seconds[2][2] = Seconds(0.5);
  CHECK(plan_of("multi-tier", problem).tier_of == Assignment{0, 0, 1});
}

TEST_CASE("multi-tier: costs far below those of the device are as exact") {
  for (const double slow : {1e3, 1e9, 1e15}) {
    Problem problem = wide(6);
    for (Seconds& seconds : problem.seconds[0]) {
      seconds = Seconds(seconds.si() * slow);
    }
    CHECK(plan_of("multi-tier", problem).cost.latency().si() ==
          doctest::Approx(naive_optimum(problem)).epsilon(1e-12));
  }
}

TEST_CASE("multi-tier: a thousand parallel branches, too many for a search") {
  const Problem problem = wide(1000);
  const double optimum = plan_of("multi-tier", problem).cost.latency().si();
  for (const char* other : {"device-only", "edge-only", "cloud-only", "neurosurgeon", "min-cut"}) {
    CAPTURE(std::string(other));
    CHECK(optimum <= plan_of(other, problem).cost.latency().si());
  }
  // Moving any single layer does not make the plan cheaper.
  const Assignment tier_of = plan_of("multi-tier", problem).tier_of;
  for (LayerId layer = 0; layer < 1000; layer += 7) {
    for (std::size_t tier = 0; tier <= tier_of.back(); ++tier) {
      Assignment moved = tier_of;
      moved[layer] = tier;
      CHECK(evaluate(problem, moved).latency().si() >= optimum * (1 - 1e-12));
    }
  }
}

TEST_CASE("min-cut: the best of the device and one other tier, over 1,000 random DAGs") {
  for (std::uint64_t i = 0; i < 1000; ++i) {
    const Problem problem = random_problem(503, i, {.least_tiers = 2});
    INFO("problem " << i << "\n" << to_dot(problem));
    CHECK(plan_of("min-cut", problem).cost.latency().si() ==
          doctest::Approx(best_of_two(problem)).epsilon(1e-12));
  }
}

TEST_CASE("min-cut: bytes and times of codecs, on two tiers and on more") {
  for (std::uint64_t i = 0; i < 400; ++i) {
    Problem problem = random_problem(504, i, {.most_layers = 6, .least_tiers = 2, .most_tiers = 3});
    RandomStream random = random_stream(504, "codings", i);
    const auto times = [&] {
      std::vector<Seconds> all;
      for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
        all.emplace_back(static_cast<double>(1 + random() % 8));
      }
      return all;
    };
    for (CrossingTensor& tensor : problem.tensors) {
      tensor.coding = Coding{Bytes(static_cast<double>(random() % 4)), times(), times()};
    }
    double least = INFINITY;
    each_cut_in_two(problem, [&](const Assignment& tier_of) {
      least = std::min(least, evaluate(problem, tier_of).latency().si());
    });
    INFO("problem " << i << "\n" << to_dot(problem));
    CHECK(plan_of("min-cut", problem).cost.latency().si() == doctest::Approx(least).epsilon(1e-12));
    CHECK(std::holds_alternative<Plan>(outcome_of("multi-tier", problem)) ==
          (problem.tier_count() == 2));
  }
}

}  // namespace offcut::partition::minimum_cut_test
