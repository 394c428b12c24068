// Routes: tiers without layers that forward packets, and direct hops. Costs against figures by hand
// and against a request that is followed (naive.h), and every algorithm against all assignments.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <algorithm>

#include "against_all.h"
#include "naive.h"
#include "partition/algorithm.h"
#include "partition/legs.h"
#include "partition/stops.h"
#include "random_problem.h"

namespace offcut::partition::routes_test {
namespace {

constexpr double kNear = 1e-9;

/// Three layers in a chain on three tiers. Tensors of 6, 12, 4 and 2 bytes; the device takes 10 s
/// for a layer, the edge 2 s, the cloud 1 s.
Problem chain_on_three() {
  Problem problem;
  problem.tiers = {"device", "edge", "cloud"};
  problem.layers = {"a", "b", "c"};
  problem.seconds = {{Seconds(10), Seconds(10), Seconds(10)},
                     {Seconds(2), Seconds(2), Seconds(2)},
                     {Seconds(1), Seconds(1), Seconds(1)}};
  problem.tensors = {{.name = "in", .producer = std::nullopt, .consumers = {0}, .bytes = Bytes(6)},
                     {.name = "ta", .producer = 0, .consumers = {1}, .bytes = Bytes(12)},
                     {.name = "tb", .producer = 1, .consumers = {2}, .bytes = Bytes(4)},
                     {.name = "out", .producer = 2, .bytes = Bytes(2), .is_output = true}};
  problem.hops = {{.up = BytesPerSecond(2), .down = BytesPerSecond(1), .latency = Seconds(1)},
                  {.up = BytesPerSecond(3), .down = BytesPerSecond(4), .latency = Seconds(5)}};
  return problem;
}

Problem with_packets(Problem problem) {
  problem.forwards.assign(problem.tier_count(), true);
  return problem;
}

/// Returns number i of the random problems of a test, with everything and with routes.
Problem drawn(std::uint64_t seed, std::uint64_t i, std::size_t most_layers) {
  Problem problem = random_problem(
      seed, i,
      {.least_layers = 2, .most_layers = most_layers, .least_tiers = 3, .chain = i % 3 == 2});
  RandomStream random = random_stream(seed, "routes", i);
  add_everything(random, problem);
  add_routes(random, problem);
  return problem;
}

}  // namespace

TEST_CASE("routes: packets pass a tier without layers at the smallest rate on the way") {
  const Problem problem = with_packets(chain_on_three());
  const Assignment on_cloud = {2, 2, 2};
  // 6 bytes at 2 B/s and 6 s of latency; 3 s of computing; 2 bytes at 1 B/s and 6 s back.
  const Cost cost = evaluate(problem, on_cloud);
  CHECK(cost.latency().si() == doctest::Approx(3 + 6 + 3 + 2 + 6).epsilon(kNear));
  CHECK(cost.up_time[0].si() == doctest::Approx(1 + 3));  // The slower hop has the transfer.
  CHECK(cost.up_time[1].si() == doctest::Approx(5));
  // With whole messages: 6 / 2 + 1 + 6 / 3 + 5 up, 2 / 4 + 5 + 2 / 1 + 1 down.
  CHECK(evaluate(chain_on_three(), on_cloud).latency().si() ==
        doctest::Approx(3 + 3 + 1 + 2 + 5 + 0.5 + 5 + 2 + 1).epsilon(kNear));
}

TEST_CASE("routes: a tier with layers takes the whole message") {
  const Assignment on_all = {0, 1, 2};
  CHECK(evaluate(with_packets(chain_on_three()), on_all).latency() ==
        evaluate(chain_on_three(), on_all).latency());
}

TEST_CASE("routes: a message takes the direct hop past a tier without layers") {
  Problem problem = chain_on_three();
  problem.direct = {
      {.from = 0,
       .to = 2,
       .hop = {.up = BytesPerSecond(6), .down = BytesPerSecond(2), .latency = Seconds(3)},
       .radio = {.promotion = Seconds(2)}}};
  problem.radio.promotion = Seconds(7);
  for (const bool packets : {false, true}) {
    problem.forwards.assign(3, packets);
    // A promotion of 2 s, 1 s and 3 s up, 3 s of computing, 1 s and 3 s down.
    const Cost cost = evaluate(problem, {2, 2, 2});
    CHECK(cost.latency().si() == doctest::Approx(2 + 4 + 3 + 4).epsilon(kNear));
    CHECK(cost.up_bytes == std::vector<Bytes>{Bytes(0), Bytes(0), Bytes(6)});
    // With a layer on the edge, the message does not leave it out.
    CHECK(evaluate(problem, {1, 2, 2}).up_bytes ==
          std::vector<Bytes>{Bytes(6), Bytes(12), Bytes(0)});
  }
}

TEST_CASE("routes: legs take the fewest hops, and of these the farthest first") {
  Problem problem = chain_on_three();
  problem.tiers.push_back("moon");
  problem.seconds.push_back(problem.seconds.back());
  problem.hops.push_back(problem.hops.back());
  const auto hops = [&] {
    std::vector<std::vector<std::size_t>> all;
    for (const Leg& leg : legs_of(problem, {3, 3, 3})) {
      all.push_back(leg.hops);
    }
    return all;
  };
  using Hops = std::vector<std::vector<std::size_t>>;
  CHECK(hops() == Hops{{0}, {1}, {2}});
  problem.forwards = {false, true, false, false};
  CHECK(hops() == Hops{{0, 1}, {2}});
  const auto direct = [](std::size_t from, std::size_t to) {
    return DirectHop{.from = from, .to = to, .hop = {BytesPerSecond(1), BytesPerSecond(1), {}}};
  };
  problem.direct = {direct(1, 3), direct(0, 2)};
  CHECK(hops() == Hops{{4}, {2}});  // Whole messages on the cloud.
  problem.forwards = {false, true, true, false};
  CHECK(hops() == Hops{{4, 2}});
  problem.direct.push_back(direct(0, 3));
  CHECK(hops() == Hops{{5}});
}

TEST_CASE("routes: costs of 3,000 random plans are those of a request that is followed") {
  std::size_t skips = 0;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const Problem problem = drawn(1801, i, 7);
    RandomStream random = random_stream(1801, "plan", i);
    Plan plan{.algorithm = "any", .tier_of = random_assignment(random, problem)};
    plan.cost = evaluate(problem, plan.tier_of);
    INFO("problem " << i << ", plan " << to_text(plan.tier_of) << "\n" << to_dot(problem));
    const auto naive = naive_cost(problem, plan.tier_of);
    REQUIRE(naive);
    const auto about = [](double value) { return doctest::Approx(value).epsilon(kNear).scale(1); };
    CHECK(plan.cost.latency().si() == about(naive->seconds));
    CHECK(plan.cost.energy.si() == about(naive->joules));
    CHECK(plan.cost.money == about(naive->money));
    CHECK(plan.cost.bottleneck.si() == about(naive->longest));
    for (std::size_t hop = 0; hop < problem.hop_count(); ++hop) {
      CHECK(plan.cost.goes_up[hop] == naive->up[hop].is_sent);
      CHECK(plan.cost.comes_down[hop] == naive->down[hop].is_sent);
      CHECK(plan.cost.up_bytes[hop].si() == about(naive->up[hop].bytes));
      CHECK(plan.cost.up_time[hop].si() == about(naive->up[hop].seconds));
      CHECK(plan.cost.down_time[hop].si() == about(naive->down[hop].seconds));
    }
    Problem without = problem;
    without.goal.limits = {};
    CHECK_NOTHROW(verify(without, plan));
    const std::vector<Leg> legs = legs_of(problem, plan.tier_of);
    skips +=
        std::any_of(legs.begin(), legs.end(), [](const Leg& leg) { return leg.to > leg.from + 1; })
            ? 1U
            : 0U;
  }
  CHECK(skips > 500);
}

TEST_CASE("routes: 200 random problems, each algorithm against all assignments") {
  const AllAlgorithms algorithms;
  ComparisonCounts counts;
  for (std::uint64_t i = 0; i < 200; ++i) {
    INFO("seed 1802, problem " << i);
    compare_with_all(drawn(1802, i, 5), algorithms, i % 10 == 0, counts);
  }
  CHECK(counts.skips > 20);
  for (const char* name : {"brute-force", "multi-tier", "min-cut", "chain-dp", "throughput"}) {
    CAPTURE(std::string(name));
    CHECK(counts.answers[name] > 20);
  }
  CHECK(counts.answers["exact"] > 8);
}

TEST_CASE("routes: on 2,000 random DAGs, exact algorithms tie and none is better" *
          doctest::test_suite("slow")) {
  const AllAlgorithms algorithms;
  ComparisonCounts counts;
  std::size_t cut = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    Problem problem = random_problem(1803, i,
                                     {.most_layers = i % 4 == 0 ? 7U : 6U,
                                      .least_tiers = 3,
                                      .plain = i % 3 == 1,
                                      .chain = i % 3 == 2});
    RandomStream random = random_stream(1803, "routes", i);
    if (i % 2 == 0) {
      add_everything(random, problem);
    }
    add_routes(random, problem);
    INFO("seed 1803, problem " << i);
    const std::size_t answers = counts.answers["multi-tier"];
    compare_with_all(problem, algorithms, true, counts);
    // Without stalls, only the search for stops can leave its plan without a proof.
    cut += counts.answers["multi-tier"] > answers && !problem.has_stalls() ? 1U : 0U;
  }
  CHECK(counts.skips > 200);
  MESSAGE("multi-tier proves " << counts.proven["multi-tier"] << " of "
                               << counts.answers["multi-tier"] << " plans; " << cut
                               << " have no stalls");
  CHECK(counts.proven["multi-tier"] > counts.answers["multi-tier"] / 2);
}

TEST_CASE("routes: without them, nothing changes") {
  for (std::uint64_t i = 0; i < 300; ++i) {
    Problem problem = random_problem(1804, i, {.least_tiers = 2});
    RandomStream random = random_stream(1804, "routes", i);
    add_everything(random, problem);
    const Assignment tier_of = random_assignment(random, problem);
    const Cost before = evaluate(problem, tier_of);
    problem.forwards.assign(problem.tier_count(), false);
    CHECK_FALSE(problem.has_routes());
    const Cost after = evaluate(problem, tier_of);
    CHECK(after.latency() == before.latency());
    CHECK(after.energy == before.energy);
  }
}

}  // namespace offcut::partition::routes_test
