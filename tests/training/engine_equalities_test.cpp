// Training that is spread over devices equals training on one machine, on the real engine with its
// links, sites and servers, to 1e-6 in every weight after 20 steps; and a run has the same bytes
// whenever it is made, with one thread and with two.

#include <doctest/doctest.h>

#include <optional>
#include <vector>

#include "sim/training/work_time.h"
#include "tests/training/engine_run.h"
#include "tests/training/given.h"
#include "tests/training/given_vertical.h"
#include "tests/training/layered_times.h"

namespace offcut::training::engine_equalities_test {
namespace {

constexpr double kClose = 1e-6;
constexpr int kSteps = 20;

/// Five devices with shares of a batch.
struct FullBatches : GivenJob {
  explicit FullBatches(const std::string& strategy) : GivenJob(strategy, {7, 30, 12, 1, 10}) {
    job.settings.batch = 0;
    job.settings.rounds = kSteps;
    job.settings.rate = 0.5;
  }
};

/// All devices at one edge site, so that any two of them meet there.
FakeLayout one_site(std::size_t devices) {
  FakeLayout layout = three_tiers(devices);
  layout.sites = {1, 1};
  return layout;
}

State state_of(GivenJob& given, const FakeLayout& layout) {
  const EngineRun run = run_in_engine(given, engine_system(layout));
  REQUIRE(run.rounds.size() == static_cast<std::size_t>(given.job.settings.rounds));
  return run.state;
}

/// Plain gradient descent on one machine, with weights in float64.
State descent(GivenJob& given) {
  const std::vector<std::int64_t> all = first_numbers(given.samples.count());
  State state = given.initial();
  std::vector<double> weights(state.begin(), state.end());
  for (std::int64_t step = 0; step < given.job.settings.rounds; ++step) {
    const State gradient = given.trainer().gradient(state, all, 1);
    for (std::size_t k = 0; k < state.size(); ++k) {
      weights[k] -= given.job.settings.rate * double{gradient[k]};
      state[k] = static_cast<float>(weights[k]);
    }
  }
  return state;
}

/// The steps of a job that one machine could make, by a trainer of the whole network.
State by_the_whole(GivenJob& given, LocalTrainer& trainer) {
  const std::vector<std::int64_t> all = first_numbers(given.samples.count());
  LocalWork work = work_of(given.job, 0, 1);
  work.samples = all;
  work.epochs = given.job.settings.rounds;
  work.most_steps = given.job.settings.rounds;
  return trainer.train(trainer.initial(), work).state;
}

void check_equal(const State& found, const State& expected, const State& initial) {
  CHECK(largest_difference(found, expected) <= kClose);
  CHECK(largest_difference(found, initial) > 1e-2);
}

}  // namespace

TEST_CASE("engine: workers with shares of a batch are one machine with the joint batch") {
  FullBatches given("data-parallel");
  const State expected = descent(given);
  for (const bool is_deep : {false, true}) {
    const FakeLayout layout = is_deep ? one_site(5) : two_tiers(5, true);
    for (const char* sync : {"server", "ring", "tree", "gossip"}) {
      CAPTURE(sync);
      given.set("sync", sync);
      check_equal(state_of(given, layout), expected, given.initial());
    }
  }
  FullBatches one("centralised");
  check_equal(state_of(one, two_tiers(5)), expected, given.initial());
}

TEST_CASE("engine: FedAvg and full gossip with one full-batch step are gradient descent") {
  FullBatches given("rounds");
  const State expected = descent(given);
  check_equal(state_of(given, two_tiers(5)), expected, given.initial());
  check_equal(state_of(given, two_tiers(5, true)), expected, given.initial());
  FullBatches peers("gossip");
  peers.set("graph", "full");
  check_equal(state_of(peers, two_tiers(5)), expected, given.initial());
}

TEST_CASE("engine: sites with one round each are FedAvg without sites") {
  GivenJob flat("rounds", {12, 30, 5, 20, 9, 9});
  flat.job.settings.batch = 5;
  flat.job.settings.local_epochs = 2;
  flat.job.settings.rounds = kSteps;
  GivenJob sites("hierarchical", {12, 30, 5, 20, 9, 9});
  sites.job.settings = flat.job.settings;
  sites.use("hierarchical");
  sites.set("edge-rounds", 1);
  const State expected = state_of(flat, three_tiers(6));
  check_equal(state_of(sites, three_tiers(6)), expected, flat.initial());
  sites.set("edge-rounds", 2);
  CHECK(largest_difference(state_of(sites, three_tiers(6)), expected) > kClose);
}

TEST_CASE("engine: pipelines, on devices and over tiers, are the whole network") {
  for (const char* over : {"devices", "tiers"}) {
    for (const char* schedule : {"gpipe", "1f1b"}) {
      CAPTURE(over);
      CAPTURE(schedule);
      GivenJob given("pipeline", {12, 8, 10});
      given.set("over", over);
      given.set("schedule", schedule);
      given.job.settings.rounds = kSteps;
      check_equal(state_of(given, one_site(3)), by_the_whole(given, given.trainer()),
                  given.initial());
    }
  }
}

TEST_CASE("engine: sliced layers are the whole network") {
  for (const char* direction : {"columns", "rows"}) {
    CAPTURE(direction);
    GivenJob given("slices", {12, 18, 1});
    given.set("direction", direction);
    given.job.settings.rounds = kSteps;
    check_equal(state_of(given, two_tiers(3, true)), by_the_whole(given, given.trainer()),
                given.initial());
  }
}

TEST_CASE("engine: split learning is the whole network on one device after the other") {
  for (const char* cut : {"in", "act"}) {
    CAPTURE(cut);
    GivenJob given("split", {12, 8, 10});
    given.set("cut", cut);
    given.job.settings.batch = 4;
    given.job.settings.rounds = 4;
    State expected = given.initial();
    for (std::int64_t round = 1; round <= 4; ++round) {
      for (std::size_t client = 0; client < 3; ++client) {
        expected = given.trainer().train(expected, work_of(given.job, client, round)).state;
      }
    }
    check_equal(state_of(given, one_site(3)), expected, given.initial());
    // With one client, the two ways to share the server's part are the same.
    GivenJob one("split-fed", {30});
    one.set("cut", cut);
    one.job.settings.batch = 0;
    one.job.settings.rounds = kSteps;
    check_equal(state_of(one, two_tiers(1)), by_the_whole(one, one.trainer()), one.initial());
  }
}

TEST_CASE("engine: parties with different features are the joint network") {
  GivenJob given("rounds", {30});
  GivenVertical vertical(given, 3);
  given.job.settings.rounds = kSteps;
  check_equal(state_of(given, two_tiers(3)), by_the_whole(given, vertical.trainer()),
              vertical.trainer().initial());
}

TEST_CASE("engine: the bubble of equal stages is (p - 1) / (m + p - 1) on idle machines") {
  // The layers in, act and out take as long, updates and messages no time.
  const LayeredTimes times({0.25, 0.25, 0.25, 0}, {0, 0, 0, 0});
  FakeLayout layout = two_tiers(3);
  layout.hops[0] = {
      .latency = Seconds(0), .up = BytesPerSecond(1e15), .down = BytesPerSecond(1e15)};
  for (const char* schedule : {"gpipe", "1f1b"}) {
    for (const int micro : {1, 3, 12}) {
      GivenJob given("pipeline", {24});
      given.job.times = &times;
      given.job.level_of = {0, 1, 2, 2};
      given.set("schedule", schedule);
      given.set("micro-batches", micro);
      given.job.settings.batch = 12;
      given.job.settings.rounds = 1;
      const EngineRun run = run_in_engine(given, engine_system(layout));
      const double took = (run.rounds.at(0).end - run.rounds.at(0).start).si();
      constexpr double kIdeal = 12 * 0.75;
      CHECK(1 - kIdeal / took == doctest::Approx(2.0 / (micro + 2)).epsilon(1e-9));
    }
  }
}

TEST_CASE("engine: every strategy has the same bytes twice, and with two threads") {
  Registry<StrategyKind> strategies;
  register_strategies(strategies);
  for (const auto& [name, kind] : strategies) {
    CAPTURE(name);
    const bool is_async = kind.schedule == AggregatorKind::Schedule::asynchronous;
    const bool has_three = kind.cuts || name == "slices" || kind.by_feature;
    GivenJob given(name,
                   has_three ? std::vector<std::int64_t>{12, 30, 5}
                             : std::vector<std::int64_t>{12, 30, 5, 20, 9, 9, 14, 8},
                   is_async ? "fedasync" : "fedavg");
    std::optional<GivenVertical> vertical;
    if (kind.by_feature) {
      vertical.emplace(given, 3);
    }
    given.job.settings.rounds = 6;
    const engine::Simulation simulation = engine_system(has_three ? one_site(3) : three_tiers(8));
    const EngineRun once = run_in_engine(given, simulation);
    for (const unsigned threads : {1U, 2U}) {
      given.job.threads = threads;
      const EngineRun again = run_in_engine(given, simulation);
      CHECK(once.state == again.state);
      CHECK(once.duration == again.duration);
      REQUIRE(once.rounds.size() == again.rounds.size());
      for (std::size_t i = 0; i < once.rounds.size(); ++i) {
        CHECK(once.rounds[i].end == again.rounds[i].end);
        CHECK(once.rounds[i].loss == again.rounds[i].loss);
        CHECK(once.rounds[i].bytes_up == again.rounds[i].bytes_up);
      }
    }
    CHECK(once.rounds.size() == 6);
    CHECK(once.state.size() == given.job.trainer->layout().size());
  }
}

}  // namespace offcut::training::engine_equalities_test
