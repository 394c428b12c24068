#include "sim/engine/energy/batteries.h"

#include <algorithm>
#include <map>
#include <string>

#include "../recorded.h"

namespace offcut::engine::batteries_test {
namespace {

/// Devices of 1 W idle and 5 W busy that compute each request for 2 s.
Simulation computing(const workload::Arrivals& arrivals, Battery battery, Stop stop) {
  Simulation simulation =
      OneClass{.tiers = {{.name = "phone", .used = true, .service = Seconds(2)}},
               .arrivals = &arrivals,
               .stop = stop};
  simulation.tiers[0].power = {.idle = Watts(1), .busy = Watts(5)};
  simulation.tiers[0].battery = battery;
  return simulation;
}

/// A device of 0.5 W sends 1000 B in 1 s, the cloud computes for 1 s, and 1000 B come back in 1 s.
/// Its radio takes, in addition: 3 J from 0 to 1 s, 2 J and 1 J of bytes until 2 s, 1 J until 3 s,
/// 2 J until 4 s, 4 J of the first tail until 8 s, and 0.5 W of the second one until 18 s.
Simulation sending(const workload::Arrivals& arrivals, double capacity, Stop stop) {
  Simulation simulation =
      OneClass{.tiers = {{.name = "phone"}, {.name = "cloud", .used = true, .service = Seconds(1)}},
               .hops = {{.name = "link",
                         .hop = hop(1000, 1000, 0),
                         .goes_up = true,
                         .up_bytes = Bytes(1000),
                         .comes_down = true,
                         .down_bytes = Bytes(1000)}},
               .arrivals = &arrivals,
               .stop = stop};
  simulation.tiers[0].power = {.idle = Watts(0.5), .busy = Watts(0.5)};
  simulation.tiers[0].battery = Battery{.capacity = Joules(capacity)};
  simulation.hops[0].radio =
      cost::Radio{.up = cost::JoulesPerByte(1e-3),
                  .down = cost::JoulesPerByte(0),
                  .base = Watts(2),
                  .promotion = {Seconds(1), Watts(3)},
                  .tails = {{Seconds(4), Watts(1)}, {Seconds(10), Watts(0.5)}}};
  return simulation;
}

std::map<std::string, EnergyState> states_of(const RunRecord& run, bool of_radio) {
  std::map<std::string, EnergyState> states;
  for (const EnergyState& state : run.energy) {
    if (state.tier == 0 && state.of_radio == of_radio) {
      states[state.name] = state;
    }
  }
  return states;
}

void check_state(const EnergyState& state, double time, double energy) {
  CAPTURE(state.name);
  CHECK(state.time.si() == about(time));
  CHECK(state.energy.si() == about(energy));
}

}  // namespace

TEST_CASE("batteries: an empty one ends its device, and drops the request that it computes") {
  // Idle until 1 s; then 10 J in 2 s of computing and 2 J in 2 s of rest: 25 J at 9 s, and the last
  // 5 J take another second.
  const Schedule every_4_s({1.0}, 4);
  for (const Stop& stop : {Stop{.requests = 100}, Stop{.after = Seconds(20)}}) {
    const Simulation simulation = computing(every_4_s, {.capacity = Joules(30)}, stop);
    CHECK(drop_reasons(simulation) == std::vector<std::string>{"battery empty"});
    const Recorded recorded = record(simulation);
    const RunRecord& run = recorded.run;
    CHECK(run.arrived == 3);  // It asks no more.
    CHECK(run.completed == 2);
    REQUIRE(recorded.requests.size() == 3);
    CHECK(recorded.requests[2].ending == Ending::dropped);
    CHECK(recorded.requests[2].completion.si() == about(10));
    CHECK(run.duration.si() == about(stop.after ? 20 : 10));
    CHECK(run.batteries.empty == 1);
    CHECK(run.batteries.low == 0);
    CHECK(run.batteries.first_empty.si() == about(10));
    CHECK(run.batteries.left == about(0));
    auto states = states_of(run, false);
    check_state(states["busy"], 5, 25);
    check_state(states["idle"], 5, 5);
    check_state(states["down"], 0, 0);
    check_state(states[kBatteryEmpty], stop.after ? 10 : 0, 0);
  }
}

TEST_CASE("batteries: a source that all devices share goes on while one of them is up") {
  // A request takes 10 J, and an idle device nothing: the tenth request of each device finds 5 J,
  // whichever device the source chooses.
  const Schedule every_4_s({1.0, 1.0}, 4);
  Simulation simulation =
      computing(every_4_s, {.capacity = Joules(95)}, Stop{.after = Seconds(10'000)});
  simulation.tiers[0].servers = 2;
  simulation.tiers[0].power.idle = Watts(0);
  simulation.classes[0].in_total = true;
  const RunRecord run = record(simulation).run;
  CHECK(run.batteries.empty == 2);
  CHECK(run.arrived == 20);
  CHECK(run.completed == 18);
}

TEST_CASE("batteries: in low-power mode, computations that begin take longer and less power") {
  // 15 J are left at 5.4 s, while the second request is computed: it takes its 2 s. The third takes
  // 4 s, until 13 s. At 2 W busy and 0.4 W idle, 12 J are gone by then, and the last 3 J take 1.5
  // s.
  const Schedule every_4_s({1.0}, 4);
  const Battery battery{.capacity = Joules(60),
                        .charge = 0.5,
                        .low_power = Battery::LowPower{.below = 0.25, .speed = 0.5, .power = 0.4}};
  const Recorded recorded = record(computing(every_4_s, battery, {.requests = 100}));
  REQUIRE(recorded.requests.size() == 4);
  CHECK(recorded.requests[1].completion.si() == about(7));
  CHECK(recorded.requests[2].completion.si() == about(13));
  CHECK(recorded.requests[2].device_compute.si() == about(4));
  CHECK(recorded.requests[3].completion.si() == about(14.5));
  CHECK(recorded.requests[3].ending == Ending::dropped);
  CHECK(recorded.run.batteries.low == 1);
  CHECK(recorded.run.batteries.first_empty.si() == about(14.5));
  auto states = states_of(recorded.run, false);
  check_state(states["busy"], 2.4, 12);
  check_state(states["idle"], 3, 3);
  check_state(states["busy in low power"], 7.1, 14.2);
  check_state(states["idle in low power"], 2, 0.8);
}

TEST_CASE("batteries: the states of the radio empty them, up to a tail after the answer") {
  const Schedule once({0.0}, 1e6);
  struct Death {
    double capacity, time, radio_joules;
  };
  // In the promotion, on the link with 600 B of the message, while the cloud computes, and at 10 s
  // in the second tail.
  for (const auto& [capacity, time, radio_joules] :
       {Death{1.75, 0.5, 3}, Death{5, 1.6, 3 + 1.2 + 0.6}, Death{7.75, 2.5, 6}, Death{19, 10, 8}}) {
    CAPTURE(time);
    const Recorded recorded = record(sending(once, capacity, {.after = Seconds(30)}));
    REQUIRE(recorded.requests.size() == 1);
    const RequestRecord& request = recorded.requests[0];
    CHECK(recorded.run.batteries.empty == 1);
    CHECK(recorded.run.batteries.first_empty.si() == about(time));
    CHECK(request.completed() == (time == 10));
    CHECK(request.completion.si() == about(time == 10 ? 4 : time));
    CHECK(request.radio_energy.si() == about(radio_joules));
    check_state(states_of(recorded.run, false)["idle"], time, 0.5 * time);
    auto radio = states_of(recorded.run, true);
    check_state(radio[kTailAfterRun], 0, 0);
    check_state(radio["promotion"], std::min(time, 1.0), 3 * std::min(time, 1.0));
    check_state(radio["tail 1"], time == 10 ? 4 : 0, time == 10 ? 4 : 0);
    check_state(radio["tail 2"], time == 10 ? 2 : 0, time == 10 ? 1 : 0);
  }
}

TEST_CASE("batteries: messages in line are dropped with their device, and others go on") {
  // Both classes ask at once: at 0.5 s, one message waits for the radio, and one for that message.
  // The second device asks at 4 s, and is then idle at 0.5 W: it has used 2 J.
  const Schedule schedule({0.0, 4.0}, 1e6);
  Simulation simulation = sending(schedule, 1.75, {.after = Seconds(2)});
  simulation.tiers[0].servers = 2;
  simulation.classes.push_back(simulation.classes[0]);
  simulation.classes[1].name = "other";
  const Recorded recorded = record(simulation);
  REQUIRE(recorded.requests.size() == 2);
  for (const RequestRecord& request : recorded.requests) {
    CHECK(request.ending == Ending::dropped);
    CHECK(request.completion.si() == about(0.5));
  }
  CHECK(recorded.run.batteries.empty == 1);
  CHECK(recorded.run.batteries.left == about(0.5 * (1.75 - 1) / 1.75));
}

TEST_CASE("batteries: outages take nothing, and no repair revives an empty device") {
  // Of 30 J, 6 are gone when it goes down at 2 s, and 23.5 when it does again at 15.5 s, after
  // computing since 12 s. It computes for 1.3 s more, and is empty when the last outage comes.
  const Schedule every_4_s({1.0}, 4);
  Simulation simulation = computing(every_4_s, {.capacity = Joules(30)}, {.after = Seconds(40)});
  simulation.tiers[0].faults.outages = {{0, Seconds(2), Seconds(12)},
                                        {0, Seconds(15.5), Seconds(29.5)},
                                        {0, Seconds(31), Seconds(35)}};
  const Recorded recorded = record(simulation);
  CHECK(recorded.run.batteries.first_empty.si() == about(30.8));
  auto states = states_of(recorded.run, false);
  check_state(states["down"], 24, 0);
  check_state(states["busy"], 1 + 3.5 + 1.3, 29);
  check_state(states["idle"], 1, 1);
  check_state(states[kBatteryEmpty], 40 - 30.8, 0);
}

TEST_CASE("batteries: settings that are none are refused") {
  const Schedule once({0.0}, 1e6);
  const auto refused = [&](auto change) {
    Simulation simulation = sending(once, 1, {.requests = 1});
    change(simulation);
    CHECK_THROWS_AS(simulate(simulation, {}), std::invalid_argument);
  };
  refused([](Simulation& s) { s.tiers[0].battery->capacity = Joules(0); });
  refused([](Simulation& s) { s.tiers[0].battery->charge = 0; });
  refused([](Simulation& s) { s.tiers[0].battery->low_power = Battery::LowPower{.below = 0}; });
  refused([](Simulation& s) {
    s.tiers[0].battery->low_power = Battery::LowPower{.below = 0.5, .speed = 0};
  });
  refused([](Simulation& s) { s.tiers[0].power.busy.reset(); });
  refused([](Simulation& s) { s.tiers[1].battery = s.tiers[0].battery; });
}

}  // namespace offcut::engine::batteries_test
