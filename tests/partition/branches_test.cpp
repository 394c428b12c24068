// Plans with tiers that compute several layers of a request at once: costs against a request that
// is followed (naive.h), the bounds of partition/branches.h, and every algorithm against
// all assignments.

#include "partition/branches.h"

#include <doctest/doctest.h>

#include <algorithm>

#include "against_all.h"
#include "naive.h"
#include "partition/studies/optimum.h"
#include "random_problem.h"

namespace offcut::partition::branches_test {
namespace {

/// Returns number i of the random problems of a test, with engines; every second one has all other
/// kinds of costs, too.
Problem drawn_with_engines(std::uint64_t seed, std::uint64_t i, const ProblemKind& kind) {
  Problem problem = random_problem(seed, i, kind);
  RandomStream random = random_stream(seed, "engines", i);
  if (i % 2 == 0) {
    add_everything(random, problem);
  }
  if (i % 8 == 0) {
    add_routes(random, problem);
  }
  add_engines(random, problem);
  return problem;
}

/// The device and a cloud with two engines, and two branches between the layers `a` and `d`.
Problem two_branches() {
  Problem problem;
  problem.tiers = {"device", "cloud"};
  problem.layers = {"a", "b", "c", "d"};
  problem.seconds = {{Seconds(1), Seconds(9), Seconds(9), Seconds(9)},
                     {Seconds(1), Seconds(3), Seconds(2), Seconds(1)}};
  problem.tensors = {{.name = "in", .producer = std::nullopt, .consumers = {0}, .bytes = Bytes(8)},
                     {.name = "ta", .producer = 0, .consumers = {1, 2}, .bytes = Bytes(2)},
                     {.name = "tb", .producer = 1, .consumers = {3}, .bytes = Bytes(4)},
                     {.name = "tc", .producer = 2, .consumers = {3}, .bytes = Bytes(4)},
                     {.name = "out", .producer = 3, .bytes = Bytes(1), .is_output = true}};
  problem.hops = {{.up = BytesPerSecond(1), .down = BytesPerSecond(1), .latency = Seconds(0)}};
  problem.parallel = {1, 2};
  problem.price = {0, 2};
  problem.power = {Watts(5), Watts(0), Watts(0), Watts(1)};
  problem.check();
  return problem;
}

}  // namespace

TEST_CASE("branches: all costs of computing are those of the schedule") {
  const Problem problem = two_branches();
  const Cost cost = evaluate(problem, {0, 1, 1, 1});
  CHECK(cost.compute[0] == Seconds(1));
  CHECK(cost.compute[1] == Seconds(3 + 1));
  CHECK(cost.latency() == Seconds(1 + 2 + 4 + 1));
  CHECK(cost.bottleneck == Seconds(4));
  CHECK(cost.money == 2 * 4);
  CHECK(cost.energy == Joules(5 * 1 + 1 * 4));  // The radio draws nothing.
}

TEST_CASE("branches: the tail of the device is a stage of its own") {
  Problem problem = two_branches();
  problem.parallel = {2, 1};
  problem.tail = {1, 2, 3};
  problem.tensors[4].is_output = false;
  const Cost cost = evaluate(problem, {1, 0, 0, 0});
  CHECK(cost.tail == Seconds(9 + 9));
  CHECK(cost.compute[0] == Seconds(9 + 9));
  CHECK(evaluate(problem, {0, 0, 0, 0}).compute[0] == Seconds(1 + 9 + 9));
  const AllAlgorithms algorithms;
  ComparisonCounts counts;
  compare_with_all(problem, algorithms, true, counts);
}

TEST_CASE("branches: times of coding and per request are not part of the schedule") {
  Problem problem = two_branches();
  problem.per_request = {Seconds(1), Seconds(2)};
  problem.tensors[1].coding =
      Coding{Bytes(1), {Seconds(0.5), Seconds(0)}, {Seconds(0), Seconds(0.25)}};
  const Cost cost = evaluate(problem, {0, 1, 1, 1});
  CHECK(cost.compute[0] == Seconds(1 + 1 + 0.5));
  CHECK(cost.compute[1] == Seconds(4 + 2 + 0.25));
}

TEST_CASE("branches: a plan that two engines make the best one, and its proof") {
  const AllAlgorithms algorithms;
  Problem problem = two_branches();
  problem.seconds[0] = {Seconds(1), Seconds(3), Seconds(1), Seconds(1)};
  const auto plan_of = [&](const char* name) {
    const Algorithm& algorithm = *algorithms.find(name);
    return std::get<Plan>(solve(algorithm, problem, defaults(algorithm.parameters)));
  };
  CHECK(plan_of("brute-force").tier_of == Assignment{0, 0, 0, 0});  // 6 s; 1 + 2 + 4 + 1 beyond.
  problem.seconds[1] = {Seconds(1), Seconds(1.5), Seconds(1.5), Seconds(0.25)};
  CHECK(plan_of("brute-force").tier_of == Assignment{0, 1, 1, 1});  // 5.75 s; 7.25 s on one engine.
  const Plan plan = plan_of("multi-tier");
  CHECK(plan.tier_of == Assignment{0, 1, 1, 1});
  CHECK(is_proven(problem, plan));
  CHECK(plan.note.empty());
}

TEST_CASE("branches: a plan whose bound is below it") {
  // Three branches of 1 s on two engines take 2 s. The bound counts 1.5 s.
  Problem problem = two_branches();
  problem.layers = {"a", "b", "c", "e", "d"};
  problem.seconds = {{Seconds(1), Seconds(3), Seconds(1), Seconds(1), Seconds(1)},
                     {Seconds(1), Seconds(1), Seconds(1), Seconds(1), Seconds(0.25)}};
  problem.tensors[1].consumers = {1, 2, 3};
  problem.tensors[2].consumers = problem.tensors[3].consumers = {4};
  problem.tensors[4].producer = 4;
  problem.tensors.push_back({.name = "te", .producer = 3, .consumers = {4}, .bytes = Bytes(4)});
  problem.check();
  const AllAlgorithms algorithms;
  const Algorithm& algorithm = *algorithms.find("multi-tier");
  const Plan plan = std::get<Plan>(solve(algorithm, problem, {}));
  CHECK(plan.tier_of == Assignment{0, 1, 1, 1, 1});
  CHECK(plan.cost.latency() == Seconds(1 + 2 + 2 + 0.25 + 1));
  CHECK(plan.bound == 1 + 2 + 1.5 + 0.25 + 1);
  CHECK(plan.note ==
        "planned with bounds of the times of branches: no plan costs less than 5.75 s, 8 % below "
        "this");
}

TEST_CASE("branches: algorithms that add up parts of a request decline") {
  const AllAlgorithms algorithms;
  const Problem problem = two_branches();
  for (const char* name : {"edgent", "iao", "pipeline"}) {
    CAPTURE(std::string(name));
    const Algorithm& algorithm = *algorithms.find(name);
    const Outcome outcome = solve(algorithm, problem, defaults(algorithm.parameters));
    CHECK(refusal_text(outcome) ==
          "declines: it can't count layers that run at the same time ('parallel' of a tier)");
  }
  for (const char* name : {"spatial", "tensor-parallel"}) {
    CAPTURE(std::string(name));
    Problem on_device = problem;
    const auto reason_of = [&] {
      const Algorithm& algorithm = *algorithms.find(name);
      return refusal_text(solve(algorithm, on_device, defaults(algorithm.parameters)));
    };
    CHECK(reason_of() == "declines: it needs the network, not only its costs");
    on_device.parallel = {2, 1};
    CHECK(reason_of().starts_with("declines: it can't count layers that run"));
  }
}

TEST_CASE("branches: costs of 3,000 random plans are those of a request that is followed") {
  std::size_t shorter = 0;
  for (std::uint64_t i = 0; i < 3000; ++i) {
    const Problem problem = drawn_with_engines(1821, i, {.most_layers = 10});
    RandomStream random = random_stream(1821, "plan", i);
    Plan plan{.algorithm = "any", .tier_of = random_assignment(random, problem)};
    plan.cost = evaluate(problem, plan.tier_of);
    INFO("problem " << i << ", plan " << to_text(plan.tier_of) << "\n" << to_dot(problem));
    const auto naive = naive_cost(problem, plan.tier_of);
    REQUIRE(naive);
    const auto about = [](double value) { return doctest::Approx(value).epsilon(1e-9); };
    CHECK(plan.cost.latency().si() == about(naive->seconds));
    CHECK(plan.cost.energy.si() == about(naive->joules).scale(1));
    CHECK(plan.cost.money == about(naive->money));
    CHECK(plan.cost.bottleneck.si() == about(naive->longest));
    for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
      CHECK(plan.cost.compute[tier].si() == about(naive->busy[tier]));
    }
    Problem without = problem;
    without.goal.limits = {};
    CHECK_NOTHROW(verify(without, plan));
    without.parallel.clear();
    const Seconds in_turn = evaluate(without, plan.tier_of).latency();
    CHECK(plan.cost.latency().si() <= in_turn.si() * (1 + 1e-12));
    shorter += plan.cost.latency().si() < in_turn.si() * (1 - 1e-12) ? 1U : 0U;
  }
  CHECK(shorter > 1000);
}

TEST_CASE("branches: the least times bound all plans, and are exact for chains") {
  std::size_t close = 0;
  for (std::uint64_t i = 0; i < 2000; ++i) {
    const bool is_chain = i % 4 == 3;
    const Problem problem =
        drawn_with_engines(1822, i, {.most_layers = 12, .plain = i % 4 == 1, .chain = is_chain});
    RandomStream random = random_stream(1822, "plan", i);
    const Assignment tier_of = random_assignment(random, problem);
    INFO("problem " << i << ", plan " << to_text(tier_of) << "\n" << to_dot(problem));
    const Cost cost = evaluate(problem, tier_of);
    const Cost least = evaluate(with_least_times(problem), tier_of);
    for (std::size_t tier = 0; tier < problem.tier_count(); ++tier) {
      CHECK(least.compute[tier].si() <= cost.compute[tier].si() * (1 + 1e-12));
    }
    CHECK(least.latency().si() <= cost.latency().si() * (1 + 1e-12));
    if (is_chain) {
      CHECK(least.latency().si() == doctest::Approx(cost.latency().si()).epsilon(1e-12));
    }
    close += least.latency().si() >= 0.9 * cost.latency().si() ? 1U : 0U;
  }
  CHECK(close > 1000);
}

TEST_CASE("branches: plans that leave blocks whole cost the same with the times of blocks") {
  // Two blocks of branches, in a chain: 0, (1, 2), 3, (4, 5, 6), 7.
  Problem problem = random_problem(1823, 0, {.least_tiers = 3, .most_tiers = 3});
  problem.layers = {"0", "1", "2", "3", "4", "5", "6", "7"};
  problem.tensors.clear();
  const auto add = [&](LayerId maker, std::vector<LayerId> readers) {
    problem.tensors.push_back({.name = "t" + std::to_string(maker),
                               .producer = maker,
                               .consumers = std::move(readers),
                               .bytes = Bytes(1),
                               .is_output = maker == 7});
  };
  add(0, {1, 2});
  add(1, {3});
  add(2, {3});
  add(3, {4, 5, 6});
  add(4, {7});
  add(5, {7});
  add(6, {7});
  add(7, {});
  problem.seconds = {{Seconds(1), Seconds(2), Seconds(3), Seconds(0), Seconds(5), Seconds(4),
                      Seconds(3), Seconds(1)},
                     std::vector<Seconds>(8, Seconds(1)),
                     std::vector<Seconds>(8, Seconds(0.5))};
  problem.parallel = {2, 3, 2};
  problem.check();
  const Problem blocks = with_times_of_blocks(problem);
  CHECK_FALSE(blocks.is_parallel());
  for (const Assignment& tier_of :
       {Assignment{0, 0, 0, 0, 0, 0, 0, 0}, Assignment{0, 0, 0, 1, 1, 1, 1, 1},
        Assignment{0, 1, 1, 1, 2, 2, 2, 2}, Assignment{0, 0, 0, 0, 2, 2, 2, 2},
        Assignment{1, 1, 1, 1, 1, 1, 1, 2}, Assignment{2, 2, 2, 2, 2, 2, 2, 2}}) {
    CAPTURE(to_text(tier_of));
    CHECK(evaluate(blocks, tier_of).latency().si() ==
          doctest::Approx(evaluate(problem, tier_of).latency().si()).epsilon(1e-12));
  }
}

TEST_CASE("branches: 150 random problems, each algorithm against all assignments") {
  const AllAlgorithms algorithms;
  ComparisonCounts counts;
  for (std::uint64_t i = 0; i < 150; ++i) {
    INFO("seed 1824, problem " << i);
    compare_with_all(drawn_with_engines(1824, i,
                                        {.least_layers = 2,
                                         .most_layers = 5,
                                         .least_tiers = 2,
                                         .plain = i % 3 == 1,
                                         .chain = i % 3 == 2}),
                     algorithms, i % 10 == 0, counts);
  }
  for (const char* name : {"brute-force", "multi-tier", "min-cut", "chain-dp", "throughput"}) {
    CAPTURE(std::string(name));
    CHECK(counts.answers[name] > 15);
  }
}

TEST_CASE("branches: on 500 random DAGs, proofs hold and no plan is better than the optimum" *
          doctest::test_suite("slow")) {
  const AllAlgorithms algorithms;
  ComparisonCounts counts;
  for (std::uint64_t i = 0; i < 500; ++i) {
    INFO("seed 1825, problem " << i);
    compare_with_all(drawn_with_engines(1825, i,
                                        {.least_layers = 2,
                                         .most_layers = i % 4 == 0 ? 7U : 6U,
                                         .least_tiers = 2,
                                         .plain = i % 3 == 1}),
                     algorithms, true, counts);
  }
  for (const auto& [name, answers] : counts.answers) {
    MESSAGE(name << ": " << answers << " plans, " << counts.best[name] << " optimal, "
                 << counts.proven[name] << " proven");
  }
  CHECK(counts.proven["brute-force"] == counts.answers["brute-force"]);
  CHECK(counts.proven["multi-tier"] > counts.answers["multi-tier"] * 3 / 4);
  CHECK(counts.best["multi-tier"] > counts.answers["multi-tier"] * 9 / 10);
  CHECK(counts.proven["exact"] > counts.answers["exact"] * 3 / 4);
}

TEST_CASE("branches: on 300 chains, exact algorithms stay exact with any engines") {
  const AllAlgorithms algorithms;
  ComparisonCounts counts;
  for (std::uint64_t i = 0; i < 300; ++i) {
    INFO("seed 1826, problem " << i);
    Problem problem = random_problem(1826, i, {.most_layers = 5, .least_tiers = 2, .chain = true});
    RandomStream random = random_stream(1826, "engines", i);
    add_engines(random, problem);
    compare_with_all(problem, algorithms, i % 10 == 0, counts);
  }
  for (const char* name : {"multi-tier", "chain-dp", "jointdnn", "exact", "brute-force"}) {
    CAPTURE(std::string(name));
    CHECK(counts.answers[name] >= (std::string(name) == "exact" ? 30 : 300));
    CHECK(counts.proven[name] == counts.answers[name]);
  }
}

TEST_CASE("branches: with one engine each, nothing changes") {
  const AllAlgorithms algorithms;
  for (std::uint64_t i = 0; i < 100; ++i) {
    Problem problem = random_problem(1827, i, {.most_layers = 5, .least_tiers = 2});
    RandomStream random = random_stream(1827, "engines", i);
    add_everything(random, problem);
    Problem with = problem;
    with.parallel.assign(problem.tier_count(), 1);
    for (const auto& [name, algorithm] : algorithms) {
      CAPTURE(name);
      const Parameters parameters = defaults(algorithm.parameters);
      const Outcome before = solve(algorithm, problem, parameters);
      const Outcome after = solve(algorithm, with, parameters);
      REQUIRE(before.index() == after.index());
      if (const auto* plan = std::get_if<Plan>(&before)) {
        CHECK(std::get<Plan>(after).tier_of == plan->tier_of);
        CHECK(std::get<Plan>(after).cost.latency() == plan->cost.latency());
        CHECK(std::get<Plan>(after).note == plan->note);
      }
    }
  }
}

}  // namespace offcut::partition::branches_test
