// Small systems with groups of devices and unlike machines, by hand.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "sim/study/isolate.h"
#include "small_systems.h"

namespace offcut::engine::groups_test {
namespace {

/// Two phones with fast links and a camera with a slow one send to a server.
Simulation phones_and_camera(const workload::Arrivals& arrivals) {
  Simulation simulation = system_of(2, {.name = "edge"}, {asks(arrivals, {1}, 10)});
  simulation.tiers.front().name = "phone";
  simulation.tiers.insert(simulation.tiers.begin() + 1, {.name = "camera"});
  simulation.hops.front().name = "phone-edge";
  simulation.hops.front().hop = hop(10, 10, 0);
  simulation.hops.insert(simulation.hops.begin() + 1, {.name = "camera-edge", .hop = hop(5, 5, 2)});
  simulation.groups = 2;
  return simulation;
}

/// A tier of a machine that computes in a third of the time, and one that takes the whole.
Tier fast_and_slow() {
  return {.name = "edge",
          .servers = 2,
          .groups = {{.name = "slow", .at_site = {1}}, {.name = "fast", .at_site = {1}}}};
}

PlannedClass asks_unlike(const workload::Arrivals& arrivals) {
  PlannedClass planned = asks(arrivals, {3});
  planned.stages[1].of_groups = {{Seconds(3)}, {Seconds(1)}};
  return planned;
}

}  // namespace

TEST_CASE("groups: devices have the links of their group") {
  // The phones' messages take 1 s, that of the camera 2 s and the latency of 2 s; then each takes
  // the server 1 s, in turn.
  const Times arrivals{{0}, {10}, {20}};
  const Recorded recorded = run(phones_and_camera(arrivals));
  CHECK(ends(recorded) == "2 12 25");
  CHECK(recorded.requests[2].device == 2);
  REQUIRE(recorded.run.groups.size() == 2);
  CHECK(recorded.run.groups[0].name == "phone");
  CHECK(recorded.run.groups[0].completed == 2);
  CHECK(recorded.run.groups[1].completed == 1);
  CHECK(recorded.run.hops[0].up == Bytes(20));
  CHECK(recorded.run.hops[1].up == Bytes(10));
  CHECK(recorded.run.tiers[2].served == 3);
}

TEST_CASE("groups: classes come from some of them") {
  const Times arrivals{{0}, {1}, {2}};
  Simulation simulation = phones_and_camera(arrivals);
  simulation.classes.front().from = {1};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "7");  // The source has the number of the device.
  CHECK(recorded.requests.front().device == 2);
}

TEST_CASE("groups: the free machine that is fastest takes a request, wherever it stands") {
  const Times arrivals{{0, 0.5, 1.5}, {0.75}};
  // The first one takes the fast machine, the second the slow one, until 3.5; the third waits for
  // the fast machine, which computes it from 1 to 2, and the fourth one from 2 to 3.
  CHECK(ends(system_of(2, fast_and_slow(), {asks_unlike(arrivals)})) == "1 3.5 2 3");
}

TEST_CASE("groups: dispatch sees the speed and the memory of servers, and least-work the service") {
  const Times arrivals{{0, 0.25, 0.5, 0.75}};
  Tier tier = fast_and_slow();
  tier.groups[1].memory = Bytes(50);
  tier.scheduling.dispatch = choose(scheduling::dispatch(), "least-work");
  Simulation simulation = system_of(1, tier, {asks_unlike(arrivals)});
  // The first two go to the fast machine: 1 s, and 0.75 s of waiting with 1 s, are less than 3 s.
  // For the third one, 1.5 + 1 s are less, too; the fourth one would have to wait until 3.
  CHECK(ends(simulation) == "1 2 3 3.75");
  simulation.stop = {.requests = 1};
  const auto seen = study::run_isolated(
      {[&](const ProgressSink&) {
        std::string text;
        simulate(simulation, {.decision = [&](const Decision& decision) {
                   for (const scheduling::ServerState& server : decision.servers) {
                     text += fmt::format("{} {} ", server.kind->speed,
                                         server.kind->memory ? "bounded" : "unbounded");
                   }
                 }});
        return text;
      }},
      1);
  CHECK(seen.front() == "1 unbounded 3 bounded ");
}

TEST_CASE("groups: sites may have unlike numbers of machines") {
  // Two devices, at a site with a slow machine and one with two fast ones, in turn.
  const Times arrivals{{0, 0}, {0, 0}};
  Tier tier{.name = "edge",
            .servers = 3,
            .sites = 2,
            .groups = {{.name = "slow", .at_site = {1, 0}}, {.name = "fast", .at_site = {0, 2}}}};
  const Recorded recorded = run(system_of(2, tier, {asks_unlike(arrivals)}));
  CHECK(ends(recorded) == "3 1 6 1");
  REQUIRE(recorded.run.tiers[1].groups.size() == 2);
  CHECK(recorded.run.tiers[1].groups[0].busy == Seconds(6));
  CHECK(recorded.run.tiers[1].groups[1].served == 2);
}

}  // namespace offcut::engine::groups_test
