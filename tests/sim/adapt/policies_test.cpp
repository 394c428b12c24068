// Re-planning policies: their decisions by hand, and what those that learn end up with.

#include <doctest/doctest.h>

#include <boost/random/normal_distribution.hpp>

#include "../scheduling/policy.h"
#include "sim/adapt/arm_costs.h"
#include "sim/adapt/policy.h"

namespace offcut::adapt::policies_test {
namespace {

using Kind = Decision::Kind;

const Registry<PolicyKind>& policies() {
  static const auto all = scheduling::registered(register_policies);
  return all;
}

std::unique_ptr<Policy> policy(const std::string& name, scheduling::Values given = {},
                               std::uint64_t seed = 1) {
  const PolicyKind& kind = *policies().find(name);
  return kind.make(scheduling::with(kind.parameters, given), random_stream(seed, "a policy"));
}

Kind decision(const std::string& name, const Situation& situation, scheduling::Values given = {}) {
  return policy(name, given)->decide(situation).kind;
}

/// Counts the arms that a policy chooses of the last quarter of 4,000 requests, whose costs are
/// normally distributed around these means.
std::vector<int> arms_in_the_end(Policy& learner, const std::vector<double>& means) {
  RandomStream noise = random_stream(7, "costs");
  std::vector<int> counts(means.size());
  for (int i = 0; i < 4000; ++i) {
    const Decision chosen =
        learner.decide({.now = Seconds(i), .rate = 1e6, .planned_rate = 1e6, .arms = means.size()});
    REQUIRE(chosen.kind == Kind::arm);
    REQUIRE(chosen.arm < means.size());
    const double cost = boost::random::normal_distribution<double>(means[chosen.arm], 0.05)(noise);
    learner.learn(
        {.arm = chosen.arm, .rate = 1e6, .cost = Seconds(std::max(0.01, cost)), .rate_now = 1e6});
    counts[chosen.arm] += i >= 3000 ? 1 : 0;
  }
  return counts;
}

}  // namespace

TEST_CASE("policies: static keeps, per-request and oracle re-plan") {
  CHECK(decision("static", {}) == Kind::keep);
  CHECK(decision("per-request", {}) == Kind::replan);
  CHECK(decision("oracle", {}) == Kind::replan);
}

TEST_CASE("policies: change looks at the rate and at both figures of the load") {
  const Situation same{.rate = 100, .planned_rate = 100};
  CHECK(decision("change", same) == Kind::keep);
  for (const auto& [rate, expected] : {std::pair(120.0, Kind::keep),
                                       {121.0, Kind::replan},
                                       {80.0, Kind::keep},
                                       {79.0, Kind::replan}}) {
    CAPTURE(rate);
    Situation moved = same;
    moved.rate = rate;
    CHECK(decision("change", moved, {{"by", 0.2}}) == expected);
  }
  Situation loaded = same;
  loaded.load.factor = 1.25;
  CHECK(decision("change", loaded, {{"by", 0.2}}) == Kind::replan);
  CHECK(decision("change", loaded, {{"by", 0.3}}) == Kind::keep);
  Situation waits = same;
  waits.load.wait = Seconds(0.1);
  CHECK(decision("change", waits) == Kind::replan);
}

TEST_CASE("policies: period counts from the last re-planning, breach the missed deadlines") {
  CHECK(decision("period", {.now = Seconds(9), .planned_at = Seconds(2)}, {{"every", 8}}) ==
        Kind::keep);
  CHECK(decision("period", {.now = Seconds(10), .planned_at = Seconds(2)}, {{"every", 8}}) ==
        Kind::replan);
  CHECK(decision("breach", {.breaches = 1}, {{"misses", 2}}) == Kind::keep);
  CHECK(decision("breach", {.breaches = 2}, {{"misses", 2}}) == Kind::replan);
}

TEST_CASE("policies: what learns finds the best of four plans in a stationary case") {
  int learners = 0;
  for (const auto& [name, kind] : policies()) {
    if (!kind.learns) {
      continue;
    }
    ++learners;
    CAPTURE(name);
    const std::vector<int> counts = arms_in_the_end(*policy(name), {0.9, 0.6, 0.3, 0.7});
    CHECK(counts[2] > 850);  // Of 1,000; with epsilon = 10 %, 925 are expected.
  }
  CHECK(learners >= 3);
}

TEST_CASE("policies: Q-learning tells the rates of the link apart") {
  // At a high rate plan 0 is the best, at a low one plan 1.
  const auto learner = policy("q-learning", {{"arms", 2}, {"epsilon", 0.1}});
  int right = 0;
  for (int i = 0; i < 4000; ++i) {
    const double rate = i % 2 == 0 ? 4e6 : 0.25e6;
    const std::size_t best = i % 2 == 0 ? 0 : 1;
    const std::size_t arm = learner->decide({.rate = rate, .planned_rate = 1e6, .arms = 2}).arm;
    learner->learn(
        {.arm = arm, .rate = rate, .cost = Seconds(arm == best ? 0.2 : 0.8), .rate_now = rate});
    right += i >= 3000 && arm == best ? 1 : 0;
  }
  CHECK(right > 900);
}

TEST_CASE("policies: the same seed gives the same decisions, another one others") {
  for (const auto& [name, kind] : policies()) {
    CAPTURE(name);
    const auto one = policy(name), same = policy(name);
    for (int i = 0; i < 200; ++i) {
      const Situation situation{.now = Seconds(i), .rate = 1e6, .planned_rate = 1e6, .arms = 4};
      const Decision first = one->decide(situation), second = same->decide(situation);
      CHECK(first.kind == second.kind);
      CHECK(first.arm == second.arm);
      const Outcome outcome{
          .arm = first.arm, .rate = 1e6, .cost = Seconds(1 + i % 3), .rate_now = 1e6};
      one->learn(outcome);
      same->learn(outcome);
    }
  }
  for (const char* name : {"epsilon-greedy", "q-learning"}) {  // The others draw nothing.
    CAPTURE(name);
    const auto one = policy(name), other = policy(name, {}, 2);
    int unlike = 0;
    for (int i = 0; i < 200; ++i) {
      const Situation situation{.now = Seconds(i), .rate = 1e6, .planned_rate = 1e6, .arms = 4};
      unlike += one->decide(situation).arm != other->decide(situation).arm ? 1 : 0;
    }
    CHECK(unlike > 0);
  }
}

TEST_CASE("policies: the mean cost of arms") {
  ArmCosts costs;
  costs.resize(2);
  CHECK(costs.untried() == std::size_t{0});
  CHECK(costs.untried() == std::size_t{1});
  CHECK(!costs.untried());
  costs.add(0, 2);
  costs.add(0, 4);
  costs.add(1, 3.5);
  CHECK(costs.mean(0) == 3);
  CHECK(costs.best() == 0);
  CHECK(costs.greatest() == 4);
  CHECK(costs.total() == 3);
}

}  // namespace offcut::adapt::policies_test
