// The strategies on the real engine: the same times and weights as on the small system of the other
// tests, and those that are forecast.

#include <doctest/doctest.h>

#include "tests/training/engine_run.h"
#include "tests/training/given.h"

namespace offcut::training::engine_test {
namespace {

struct EngineCase {
  const char* strategy;
  const char* sync;  // Of data-parallel.
  FakeLayout layout;
};

std::vector<EngineCase> engine_cases() {
  return {{"rounds", "", two_tiers(4)},
          {"rounds", "", two_tiers(4, true)},
          {"rounds", "", three_tiers(4)},
          {"data-parallel", "server", two_tiers(4, true)},
          {"data-parallel", "ring", two_tiers(4)},
          {"data-parallel", "ring", two_tiers(4, true)},
          {"data-parallel", "tree", two_tiers(4)},
          {"data-parallel", "gossip", two_tiers(4)},
          {"gossip", "", two_tiers(4)},
          {"centralised", "", two_tiers(4)},
          {"hierarchical", "", three_tiers(4)}};
}

TEST_CASE("engine: rounds last as long as on the small system, and as forecast") {
  for (const EngineCase& c : engine_cases()) {
    CAPTURE(c.strategy);
    CAPTURE(c.sync);
    GivenJob given(c.strategy, {10, 10, 10, 10});
    if (c.sync[0] != '\0') {
      given.set("sync", c.sync);
    }
    const TrainingRecord expected = given.run(c.layout);
    const RoundForecast forecast = given.forecast(c.layout);
    for (const bool own_links : {true, false}) {
      CAPTURE(own_links);
      engine::Simulation simulation = engine_system(c.layout);
      simulation.own_links = own_links;
      const EngineRun run = run_in_engine(given, simulation);
      REQUIRE(run.rounds.size() == expected.rounds.size());
      CHECK(run.state == expected.state);
      for (std::size_t i = 0; i < run.rounds.size(); ++i) {
        const RoundRecord& round = run.rounds[i];
        CHECK(round.end.si() == doctest::Approx(expected.rounds[i].end.si()).epsilon(1e-9));
        CHECK((round.end - round.start).si() == doctest::Approx(forecast.round.si()).epsilon(1e-9));
        CHECK(round.bytes_up == expected.rounds[i].bytes_up);
        CHECK(round.bytes_down == expected.rounds[i].bytes_down);
        CHECK(round.compute.si() == doctest::Approx(forecast.compute.si()).epsilon(1e-9));
      }
    }
  }
}

TEST_CASE("engine: outages of machines and links lose the same clients as on the small system") {
  FakeLayout layout = two_tiers(4);
  const auto fail = [&](bool of_machine, std::size_t number, double from, double until) {
    FakeFailure failure{.at = Seconds(from),
                        .of_machine = of_machine,
                        .level = 0,
                        .number = number,
                        .is_up = false};
    layout.failures.push_back(failure);
    failure.at = Seconds(until);
    failure.is_up = true;
    layout.failures.push_back(failure);
  };
  fail(true, 0, 0.7, 3.3);
  fail(false, 1, 1.2, 2.05);
  fail(false, 2, 2.9, 7.1);
  fail(true, 3, 4.01, 4.6);
  for (const char* strategy : {"rounds", "asynchronous", "gossip", "data-parallel"}) {
    CAPTURE(strategy);
    GivenJob given(strategy, {10, 20, 10, 5},
                   std::string(strategy) == "asynchronous" ? "fedasync" : "fedavg");
    given.job.settings.rounds = 8;
    const TrainingRecord expected = given.run(layout);
    const EngineRun run = run_in_engine(given, engine_system(layout));
    REQUIRE(run.rounds.size() == expected.rounds.size());
    std::int64_t lost = 0;
    for (std::size_t i = 0; i < run.rounds.size(); ++i) {
      CHECK(run.rounds[i].end.si() == doctest::Approx(expected.rounds[i].end.si()).epsilon(1e-9));
      CHECK(run.rounds[i].selected == expected.rounds[i].selected);
      CHECK(run.rounds[i].participants == expected.rounds[i].participants);
      CHECK(run.rounds[i].lost == expected.rounds[i].lost);
      lost += run.rounds[i].lost;
    }
    CHECK((lost > 0 || std::string(strategy) == "gossip"));
    CHECK(run.state == expected.state);
  }
}

TEST_CASE("engine: noise and cores of the server make no run differ from itself") {
  engine::Simulation simulation = engine_system(two_tiers(4, true));
  simulation.tiers[0].noise = {.kind = engine::Noise::Kind::lognormal, .cv = 0.4, .factors = {}};
  simulation.tiers[1].cores = 2;
  for (const char* strategy : {"rounds", "asynchronous"}) {
    GivenJob given(strategy, {10, 20, 10, 5},
                   std::string(strategy) == "asynchronous" ? "fedasync" : "fedavg");
    given.job.settings.deadline.reset();
    const EngineRun one = run_in_engine(given, simulation);
    given.job.threads = 2;
    const EngineRun two = run_in_engine(given, simulation);
    CHECK(one.state == two.state);
    CHECK(one.duration == two.duration);
  }
}

}  // namespace
}  // namespace offcut::training::engine_test
