#include <doctest/doctest.h>

#include <algorithm>
#include <cmath>

#include "partition/algorithm.h"
#include "tests/partition/random_codecs.h"
#include "tests/partition/random_problem.h"

namespace offcut::partition::codec_aware_test {
namespace {

const Algorithm& codec_aware() {
  static const Registry<Algorithm> registry = [] {
    Registry<Algorithm> all;
    register_algorithms(all);
    return all;
  }();
  return *registry.find("codec-aware");
}

Parameters with_budget(double loss) {
  Parameters parameters = defaults(codec_aware().parameters);
  parameters.set("accuracy-loss", loss);
  return parameters;
}

/// Returns the least latency over every cut in two parts, unencoded and with every choice of
/// codecs.
double brute_force(const Problem& problem, double budget) {
  double least = INFINITY;
  each_coded_cut(problem, [&](const Problem& coded, const Assignment& tier_of, double loss) {
    const bool keeps_pins =
        std::all_of(problem.goal.limits.pinned.begin(), problem.goal.limits.pinned.end(),
                    [&](LayerId layer) { return tier_of[layer] == 0; });
    if (loss <= budget && keeps_pins) {
      least = std::min(least, evaluate(coded, tier_of).latency().si());
    }
  });
  return least;
}

}  // namespace

TEST_CASE("codec-aware: the best cut and codecs within the budget, as brute force finds them") {
  int encoded = 0;
  for (std::uint64_t i = 0; i < 300; ++i) {
    Problem problem = random_codec_problem(i);
    if (problem.extras.accuracy.empty()) {
      continue;
    }
    if (i % 3 == 0) {
      problem.goal.limits.pinned = {0};
    }
    for (const double budget : {0.0, 0.035, 1.0}) {
      INFO("problem " << i << ", budget " << budget << "\n" << to_dot(problem));
      const Outcome outcome = solve(codec_aware(), problem, with_budget(budget));
      const Plan& plan = std::get<Plan>(outcome);
      CHECK(plan.cost.latency().si() ==
            doctest::Approx(brute_force(problem, budget)).epsilon(1e-12));
      encoded += plan.codecs.empty() ? 0 : 1;
    }
  }
  CHECK(encoded > 100);
}

TEST_CASE("codec-aware: a larger budget is never slower") {
  for (std::uint64_t i = 0; i < 100; ++i) {
    const Problem problem = random_codec_problem(1000 + i);
    double before = INFINITY;
    for (int percent = 0; percent <= 10 && !problem.extras.accuracy.empty(); ++percent) {
      const Outcome outcome = solve(codec_aware(), problem, with_budget(percent / 100.0));
      const double now = std::get<Plan>(outcome).cost.latency().si();
      CHECK(now <= before);
      before = now;
    }
  }
}

TEST_CASE("codec-aware: declines without measurements, with many cuts, and after a deadline") {
  Problem problem = random_codec_problem(0);
  Parameters few = with_budget(0.01);
  few.set("most", 1.0);
  CHECK(std::get<Declined>(solve(codec_aware(), problem, few)).reason ==
        "there are more than 1 legal cuts (the parameter 'most' sets the limit)");
  problem.goal.limits.deadline = Seconds(0);
  CHECK(std::get<Declined>(solve(codec_aware(), problem, with_budget(0.01)))
            .reason.starts_with("its best plan takes "));
  problem.goal.limits.deadline.reset();
  problem.extras.accuracy = {};
  CHECK(std::get<Declined>(solve(codec_aware(), problem, with_budget(0.01))).reason ==
        "the accuracy of codecs was not measured (plan.codec: a list of codecs)");
}

TEST_CASE("verify: a plan's codecs are among the tensors' candidates, and its cost is theirs") {
  const Problem problem = {
      {.tiers = {"device", "cloud"},
       .layers = {"a", "b"},
       .seconds = {{Seconds(1), Seconds(9)}, {Seconds(9), Seconds(1)}},
       .tensors = {{.name = "x", .producer = 0, .consumers = {1}, .bytes = Bytes(8)},
                   {.name = "y", .producer = 1, .consumers = {}, .bytes = Bytes(0)}},
       .hops = {{BytesPerSecond(1), BytesPerSecond(1), Seconds(0)}}}};
  Problem coded = problem;
  const std::vector<Seconds> free = {Seconds(0), Seconds(0)};
  coded.tensors[0].candidates = {{Bytes(2), free, free, "small"}};
  Plan plan{.algorithm = "mine", .tier_of = {0, 1}, .cost = {}, .codecs = {{"x", "small"}}};
  plan.cost = evaluate(with_codecs(coded, plan.codecs), plan.tier_of);
  CHECK(plan.cost.latency() == Seconds(4));  // It takes 1 s + 2 B at 1 B/s + 1 s.
  CHECK_NOTHROW(verify(coded, plan));
  CHECK_THROWS_AS(verify(problem, plan), std::logic_error);  // The tensor has no such candidate.
  plan.codecs = {};
  CHECK_THROWS_AS(verify(coded, plan), std::logic_error);  // Then, 8 bytes cross.
  plan.codecs = {{"z", "small"}};
  CHECK_THROWS_AS(verify(coded, plan), std::logic_error);
}

}  // namespace offcut::partition::codec_aware_test
