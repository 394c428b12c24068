// Runs that end because nothing can come any more, while clocks go on or machines still compute.

#include "sim/engine/run_end.h"

#include <doctest/doctest.h>

#include "small_systems.h"

namespace offcut::engine::run_end_test {
namespace {

/// Gives the devices batteries of 20 J, which last for 20 s at 1 W.
Simulation with_batteries(Simulation simulation) {
  simulation.tiers[0].power = {.idle = Watts(1), .busy = Watts(1)};
  simulation.tiers[0].battery = Battery{.capacity = Joules(20)};
  simulation.tiers[1].power = {.idle = Watts(10), .busy = Watts(50)};
  return simulation;
}

}  // namespace

TEST_CASE(
    "end of a run: a battery ends it although a machine computes for a request that gave up") {
  // The request of 0 gives up at 10 and would be computed until 30. That of 500 never comes, since
  // the battery is empty at 20.
  const Times arrivals{{0, 500}};
  Simulation simulation = with_batteries(system_of(1, Tier{}, {asks(arrivals, {30})}));
  simulation.classes[0].time_out = {.after = Seconds(10)};
  for (const bool own : {true, false}) {
    simulation.own_links = own;
    const Recorded recorded = run(simulation);
    CHECK(ends(recorded) == "x10");
    CHECK(recorded.run.duration.si() == about(20));
    CHECK(recorded.run.batteries.first_empty.si() == about(20));
    CHECK(recorded.run.tiers[1].busy.si() == about(20));
  }
}

TEST_CASE("end of a run: it lasts until the last request of an empty device would have come") {
  // Device 1 is empty at 20, and would ask at 30. Device 0, down until 15, asks at 16; its request
  // gives up at 21, and is computed until 26. At 24, all decisions since the start called for one
  // machine: the other one is taken away.
  const Times arrivals{{16}, {30}};
  Tier tier{.servers = 2};
  tier.autoscaler =
      Autoscaler{.policy = choose(scheduling::autoscaling(), "queue", {{"target", 1}}),
                 .at_start = 2,
                 .interval = Seconds(4),
                 .scale_down_after = Seconds(24)};
  Simulation simulation = with_batteries(system_of(2, tier, {asks(arrivals, {10})}));
  simulation.tiers[0].faults.outages = {{0, Seconds(0), Seconds(15)}};
  simulation.classes[0].time_out = {.after = Seconds(5)};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "x21");
  CHECK(recorded.run.duration.si() == about(30));
  CHECK(recorded.run.batteries.empty == 1);
  const TierUsage& usage = recorded.run.tiers[1];
  CHECK(usage.busy.si() == about(10));
  CHECK(usage.existing.si() == about(30 + 24));
  CHECK(usage.starts == 0);
}

TEST_CASE("end of a run: autoscalers do not keep it alive") {
  // The run ends with its only answer, long before the machine that starts at 4 is ready.
  const Times arrivals{{0, 0}};
  Tier tier{.servers = 2};
  tier.autoscaler =
      Autoscaler{.policy = choose(scheduling::autoscaling(), "queue", {{"target", 1}}),
                 .start_up = Seconds(1000),
                 .interval = Seconds(4)};
  const Recorded recorded = run(system_of(1, tier, {asks(arrivals, {5})}));
  CHECK(ends(recorded) == "5 10");
  CHECK(recorded.run.duration == Seconds(10));
  CHECK(recorded.run.tiers[1].existing == Seconds(10 + 6));
}

}  // namespace offcut::engine::run_end_test
