// Cold starts. Times are in seconds; requests without bytes reach the machines when they arrive,
// and a cold machine takes 2 s.

#include "sim/engine/tiers/warmth.h"

#include <doctest/doctest.h>

#include "../small_systems.h"

namespace offcut::engine::warmth_test {
namespace {

Tier cold_tier(std::size_t servers, double idle_after, std::size_t keep = 0) {
  Tier tier{.servers = servers};
  tier.cold_start = {.time = Seconds(2), .idle_after = Seconds(idle_after), .keep = keep};
  return tier;
}

}  // namespace

TEST_CASE("warmth: of several free cores, the one that can serve first is chosen, or the last") {
  Warmth warmth({.time = Seconds(2), .idle_after = Seconds(10)}, 3, 1);
  const std::vector<std::uint32_t> free = {2, 0, 1, 1};
  CHECK(!warmth.is_cold(0, 0));
  CHECK(warmth.is_cold(1, 0));
  CHECK(warmth.readiest(free, 0) == 1);
  CHECK(warmth.readiest(std::vector<std::uint32_t>{2, 1, 1}, 0) == 2);
  CHECK(warmth.begin_use(2, 0) == 2);
  CHECK(warmth.begin_use(2, 0.5) == 1.5);  // The other core waits for the same start.
  CHECK(warmth.readiest(std::vector<std::uint32_t>{2, 1, 1}, 1) == 0);
  warmth.end_use(2, 5);
  CHECK(!warmth.is_cold(2, 100));  // It is still in use.
  warmth.end_use(2, 6);
  CHECK(!warmth.is_cold(2, 16));
  CHECK(warmth.is_cold(2, 16.5));
  warmth.make_warm(1, 20);
  CHECK(warmth.begin_use(1, 30) == 0);
}

TEST_CASE("warmth: the first request pays, and one that comes after a long pause") {
  // Request 0 starts the machine and is computed from 2 to 7, 1 from 7 to 12, 2 from 20 to 25. At
  // 36 the machine has been idle for 11 s, and starts again.
  const Times arrivals{{0, 1, 20, 36}};
  const Simulation simulation = system_of(1, cold_tier(1, 10), {asks(arrivals, {5})});
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "7 12 25 43");
  CHECK(recorded.requests[0].server_wait == Seconds(2));
  CHECK(recorded.requests[2].server_wait == Seconds(0));
  CHECK(recorded.requests[3].server_wait == Seconds(2));
  const TierUsage& tier = recorded.run.tiers[1];
  CHECK(tier.cold_starts == 2);
  CHECK(tier.warming == Seconds(4));
  CHECK(tier.loading == Seconds(0));
  CHECK(tier.busy == Seconds(4 + 20));
  CHECK(events(simulation) == "0 cold_start 1.0\n36 cold_start 1.0\n");
  // After a pause of just 10 s it is still warm.
  const Times sooner{{0, 1, 20, 35}};
  CHECK(ends(system_of(1, cold_tier(1, 10), {asks(sooner, {5})})) == "7 12 25 40");
}

TEST_CASE("warmth: machines that are kept warm are used first") {
  const Times arrivals{{0, 0, 100}};
  const Recorded recorded = run(system_of(1, cold_tier(2, 10, 1), {asks(arrivals, {5})}));
  CHECK(ends(recorded) == "5 7 105");
  CHECK(recorded.run.tiers[1].cold_starts == 1);
  // The first one of each site is kept.
  Tier sites = cold_tier(4, 10, 1);
  sites.sites = 2;
  const Times two{{0, 0}, {0, 0}};
  CHECK(ends(system_of(2, sites, {asks(two, {5})})) == "5 5 7 7");
  // The same holds if each has a queue.
  Tier queues = cold_tier(2, 10, 1);
  queues.scheduling.dispatch = choose(scheduling::dispatch(), "round-robin");
  const Times once{{0, 0}};
  CHECK(ends(system_of(1, queues, {asks(once, {5})})) == "5 7");
}

TEST_CASE("warmth: the cores of a machine wait for one start") {
  const Times arrivals{{0, 1}};
  Tier tier = cold_tier(1, 10);
  tier.cores = 2;
  const Recorded recorded = run(system_of(1, tier, {asks(arrivals, {5})}));
  CHECK(ends(recorded) == "7 7");
  CHECK(recorded.run.tiers[1].cold_starts == 1);
  CHECK(recorded.run.tiers[1].warming == Seconds(2 + 1));
  CHECK(recorded.run.tiers[1].busy == Seconds(7 + 6));
}

TEST_CASE("warmth: a batch waits together") {
  const Times arrivals{{0, 1}};
  Tier tier = cold_tier(1, 10);
  tier.scheduling.batching = choose(scheduling::batching(), "fixed", {{"size", 2}});
  CHECK(ends(system_of(1, tier, {asks(arrivals, {5, 6})})) == "9 9");
}

TEST_CASE("warmth: a machine that was down is cold") {
  const Times arrivals{{0, 10}};
  Tier tier = cold_tier(1, 100);
  CHECK(ends(system_of(1, tier, {asks(arrivals, {5})})) == "7 15");
  tier.faults.outages = {{0, Seconds(8), Seconds(9)}};
  CHECK(ends(system_of(1, tier, {asks(arrivals, {5})})) == "7 17");
}

TEST_CASE("warmth: a start that fails begins again") {
  // It starts at 0, fails at 1, is up at 3, and starts until 5.
  const Times arrivals{{0}};
  Tier tier = cold_tier(1, 100);
  tier.faults.outages = {{0, Seconds(1), Seconds(3)}};
  const Recorded recorded = run(system_of(1, tier, {asks(arrivals, {5})}));
  CHECK(ends(recorded) == "10");
  CHECK(recorded.requests[0].lost == Seconds(3));
  CHECK(recorded.run.tiers[1].cold_starts == 2);
  CHECK(recorded.run.tiers[1].warming == Seconds(1 + 2));
}

TEST_CASE("warmth: a cold machine has the models of the start") {
  // There is room for one model of 6 B, which takes 6 s: that of class 0. Requests of class 1 load
  // theirs at 2 and, since the machine is cold again, at 102.
  const Times none{{}}, arrivals{{0, 100}};
  Tier tier = cold_tier(1, 10);
  tier.memory = Bytes(10);
  tier.load = BytesPerSecond(1);
  Simulation simulation = system_of(1, tier, {asks(none, {5}), asks(arrivals, {5})});
  for (std::size_t i = 0; i < 2; ++i) {
    simulation.itinerary_of(i).stages[1].model = Bytes(6);
  }
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "13 113");
  CHECK(recorded.run.tiers[1].loads == 2);
  CHECK(recorded.run.tiers[1].loading == Seconds(12));
  CHECK(recorded.run.tiers[1].warming == Seconds(4));
  simulation.tiers[1].cold_start->idle_after = Seconds(1000);
  CHECK(ends(simulation) == "13 105");
}

TEST_CASE("warmth: a machine that an autoscaler started is warm") {
  // At 4 there were 1.75 requests: a second machine starts, and serves from 7 on.
  const Times arrivals{{0, 1}};
  Tier tier = cold_tier(2, 100);
  tier.autoscaler =
      Autoscaler{.policy = choose(scheduling::autoscaling(), "queue", {{"target", 1}}),
                 .start_up = Seconds(3),
                 .interval = Seconds(4)};
  CHECK(ends(system_of(1, tier, {asks(arrivals, {10})})) == "12 17");
}

TEST_CASE("warmth: a start of no time changes nothing") {
  const auto arrivals = make_arrivals("poisson", {{"rate", 0.2}});
  Simulation warm =
      system_of(2, {.servers = 3, .noise = {Noise::Kind::exponential}}, {asks(*arrivals, {6})});
  warm.stop.requests = 2000;
  Simulation cold = warm;
  cold.tiers[1].cold_start = {.time = Seconds(0), .idle_after = Seconds(1)};
  const std::vector<Recorded> both = record_all({warm, cold});
  CHECK(ends(both[0]) == ends(both[1]));
  CHECK(both[0].run.tiers[1].busy == both[1].run.tiers[1].busy);
  CHECK(both[1].run.tiers[1].cold_starts > 3);
}

}  // namespace offcut::engine::warmth_test
