// Different ways to the same weights: each strategy beside plain gradient descent in float64.

#include <doctest/doctest.h>

#include <algorithm>

#include "tests/training/given.h"
#include "tests/training/given_job.h"

namespace offcut::training::strategy_equalities_test {
namespace {

constexpr double kClose = 1e-6;

/// Gradient descent on all samples, on one machine.
State descent(GivenJob& given, int steps) {
  std::vector<std::int64_t> all;
  for (const auto& own : lists(given.data.samples)) {
    all.insert(all.end(), own.begin(), own.end());
  }
  State state = given.initial();
  std::vector<double> weights(state.begin(), state.end());
  for (int step = 0; step < steps; ++step) {
    const State gradient = given.trainer().gradient(state, all, 1);
    for (std::size_t k = 0; k < state.size(); ++k) {
      weights[k] -= given.job.settings.rate * double{gradient[k]};
      state[k] = static_cast<float>(weights[k]);
    }
  }
  return state;
}

TEST_CASE("equalities: all ways of adding gradients up are gradient descent, after 20 steps") {
  const std::vector<std::int64_t> split = {7, 30, 12, 1, 10};
  GivenJob given("data-parallel", split);
  given.job.settings.batch = 0;
  given.job.settings.rounds = 20;
  given.job.settings.rate = 0.5;
  const State expected = descent(given, 20);
  REQUIRE(largest_difference(expected, given.initial()) > 0.1);
  for (const char* sync : {"server", "ring", "tree", "gossip"}) {
    CAPTURE(sync);
    given.set("sync", sync);
    CHECK(largest_difference(given.run(two_tiers(5)).state, expected) < kClose);
  }
  given.use("centralised");
  CHECK(largest_difference(given.run(two_tiers(5)).state, expected) < kClose);
  given.use("rounds");
  CHECK(largest_difference(given.run(two_tiers(5)).state, expected) < kClose);
  given.use_aggregator("fedsgd");
  given.job.settings.batch = 4;
  CHECK(largest_difference(given.run(two_tiers(5)).state, expected) < kClose);
}

TEST_CASE("equalities: batches are the same for all ways of adding gradients up") {
  GivenJob given("data-parallel", {13, 13, 8});
  given.job.settings.batch = 5;
  given.job.settings.rounds = 20;
  given.job.settings.rate = 0.5;
  const State expected = given.run(two_tiers(3)).state;
  for (const char* sync : {"ring", "tree", "gossip"}) {
    given.set("sync", sync);
    CHECK(largest_difference(given.run(two_tiers(3)).state, expected) < kClose);
  }
  given.job.settings.batch = 0;
  CHECK(largest_difference(given.run(two_tiers(3)).state, expected) > kClose);
}

TEST_CASE("equalities: one client is one machine, whatever it has to add up") {
  GivenJob given("data-parallel", {20});
  given.job.settings.batch = 0;
  given.job.settings.rounds = 20;
  const State expected = descent(given, 20);
  for (const char* sync : {"server", "ring", "tree", "gossip"}) {
    given.set("sync", sync);
    CHECK(largest_difference(given.run(two_tiers(1)).state, expected) < kClose);
  }
}

TEST_CASE("equalities: hierarchical rounds with one edge round are flat FedAvg") {
  GivenJob given("rounds", {12, 30, 5, 20, 9, 9});
  given.job.settings.batch = 5;
  given.job.settings.local_epochs = 2;
  given.job.settings.rounds = 20;
  const State flat = given.run(three_tiers(6)).state;
  given.use("hierarchical");
  given.set("edge-rounds", 1);
  CHECK(largest_difference(given.run(three_tiers(6)).state, flat) < kClose);
  given.set("edge-rounds", 2);
  CHECK(largest_difference(given.run(three_tiers(6)).state, flat) > kClose);
}

TEST_CASE("equalities: one site is flat FedAvg with as many rounds as it has edge rounds") {
  GivenJob given("rounds", {12, 30, 5});
  given.job.settings.batch = 5;
  given.job.settings.rounds = 12;
  FakeLayout layout = three_tiers(3);
  layout.sites = {1, 1};
  const State flat = given.run(layout).state;
  given.use("hierarchical");
  given.set("edge-rounds", 3);
  given.job.settings.rounds = 4;
  given.job.settings.rate_decay = 1;
  CHECK(largest_difference(given.run(layout).state, flat) < kClose);
}

TEST_CASE("equalities: full gossip of models after one full step is gradient descent") {
  GivenJob given("gossip", {7, 30, 12});
  given.set("graph", "full");
  given.job.settings.batch = 0;
  given.job.settings.rounds = 20;
  CHECK(largest_difference(given.run(two_tiers(3)).state, descent(given, 20)) < kClose);
}

TEST_CASE("equalities: peers on a ring of three are fully mixed if they hold as much") {
  GivenJob given("gossip", {10, 10, 10});
  given.job.settings.rounds = 10;
  const State ring = given.run(two_tiers(3)).state;
  given.set("graph", "full");
  CHECK(largest_difference(given.run(two_tiers(3)).state, ring) < kClose);
}

TEST_CASE("equalities: the same bytes with one thread and with three") {
  for (const char* strategy :
       {"rounds", "asynchronous", "data-parallel", "gossip", "hierarchical"}) {
    CAPTURE(strategy);
    const bool is_async = std::string(strategy) == "asynchronous";
    GivenJob given(strategy, {12, 30, 5, 20, 9, 9, 14}, is_async ? "fedasync" : "fedavg");
    const bool takes_all = given.kind().name == "data-parallel" || given.kind().name == "gossip";
    given.job.settings.fraction = takes_all ? 1 : 0.6;
    given.job.settings.rounds = 12;
    const TrainingRecord one = given.run(three_tiers(7));
    given.job.threads = 3;
    const TrainingRecord three = given.run(three_tiers(7));
    CHECK(one.state == three.state);
    CHECK(one.duration == three.duration);
    CHECK(one.rounds.size() == 12);
    CHECK(one.rounds.back().loss == three.rounds.back().loss);
    CHECK((is_async || *one.accuracy > 0.7));
  }
}

}  // namespace
}  // namespace offcut::training::strategy_equalities_test
