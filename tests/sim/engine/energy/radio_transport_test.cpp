// A message over TCP that its radio delays first, by hand: a link of 10 segments per second and a
// round trip of 2 s, windows of 4 segments, and a radio that is promoted for 0.5 s. The planner's
// closed form of the same request is in tests/partition/transport_test.cpp.

#include <algorithm>
#include <map>
#include <string>

#include "../recorded.h"
#include "sim/engine/energy/radios.h"

namespace offcut::engine::radio_transport_test {
namespace {

Bytes segments_of(double count) { return partition::kSegment * count; }

/// The power draws beside the idle device are 3 W for the promotion, 2 W on the air, 0.25 J for
/// each segment up and 0.125 J for each one down, 1 W for waiting and for 4 s of tail.
cost::Radio small_radio() {
  return {.up = cost::JoulesPerByte(0.25 / segments_of(1).si()),
          .down = cost::JoulesPerByte(0.125 / segments_of(1).si()),
          .base = Watts(2),
          .promotion = {Seconds(0.5), Watts(3)},
          .tails = {{Seconds(4), Watts(1)}}};
}

/// A device sends 8 segments, the cloud computes for 0.1 s and answers with 2.
Simulation over_tcp(const workload::Arrivals& arrivals, Stop stop, bool own_links) {
  Simulation simulation = OneClass{
      .tiers = {{.name = "device"}, {.name = "cloud", .used = true, .service = Seconds(0.1)}},
      .hops = {{.name = "link",
                .hop = hop(segments_of(10).si(), segments_of(10).si(), 1),
                .goes_up = true,
                .up_bytes = segments_of(8),
                .comes_down = true,
                .down_bytes = segments_of(2)}},
      .arrivals = &arrivals,
      .stop = stop};
  simulation.own_links = own_links;
  simulation.hops[0].hop.per_message = Seconds(0.25);
  simulation.hops[0].hop.tcp = partition::Tcp{.initial_window = 4};
  simulation.hops[0].radio = small_radio();
  return simulation;
}

std::map<std::string, EnergyState> states_of_radio(const RunRecord& run) {
  std::map<std::string, EnergyState> states;
  for (const EnergyState& state : run.energy) {
    if (state.of_radio) {
      states[state.name] = state;
    }
  }
  return states;
}

double joules_of_radio(const RunRecord& run) {
  double sum = 0;
  for (const auto& [name, state] : states_of_radio(run)) {
    sum += state.energy.si();
  }
  return sum;
}

void check_times(const RunRecord& run, double promotion, double transfer, double waiting) {
  auto states = states_of_radio(run);
  CHECK(states["promotion"].time.si() == about(promotion));
  CHECK(states["transfer"].time.si() == about(transfer));
  CHECK(states["waiting"].time.si() == about(waiting));
}

}  // namespace

TEST_CASE("radio and TCP: a promotion, then stalls, during which the radio waits") {
  const Schedule once({0.0}, 1e6);
  for (const bool own_links : {true, false}) {
    CAPTURE(own_links);
    const Recorded recorded = record(over_tcp(once, {.requests = 1}, own_links));
    REQUIRE(recorded.requests.size() == 1);
    const RequestRecord& request = recorded.requests[0];
    // Promoted until 0.5 s. 4 segments until 0.9 s, and 4 more from 2.5 s, a round trip after the
    // first byte, until 2.9 s. They are there at 4.15 s, the answer leaves from 4.25 to 4.45 s.
    CHECK(request.upload.si() == about(4.15));
    CHECK(request.download.si() == about(0.2 + 1.25));
    CHECK(request.upload_wait == Seconds(0));
    CHECK(request.latency().si() == about(5.7));
    check_times(recorded.run, 0.5, 0.4 + 0.4 + 0.2, 1.6 + (1.25 + 0.1) + 1.25);
    CHECK(request.radio_energy.si() == about(1.5 + 1.0 * 2 + 8 * 0.25 + 2 * 0.125));
    CHECK(joules_of_radio(recorded.run) == about(1.5 + 4.25 + 4.2 + 4));
    CHECK(recorded.run.hops[0].up_traffic.waited.si() < 1e-9);
  }
}

TEST_CASE("radio and TCP: a connection of its own is opened when the radio is awake") {
  const Schedule once({0.0}, 1e6);
  for (const bool own_links : {true, false}) {
    CAPTURE(own_links);
    Simulation simulation = over_tcp(once, {.requests = 1}, own_links);
    simulation.hops[0].hop.tcp->handshake = true;
    const Recorded recorded = record(simulation);
    CHECK(recorded.requests.front().latency().si() == about(5.7 + 2));
    check_times(recorded.run, 0.5, 1, 4.2 + 2);
    CHECK(joules_of_radio(recorded.run) == about(1.5 + 4.25 + 4.2 + 2 + 4));
  }
}

TEST_CASE("radio and TCP: tails and windows of connections end at times of their own") {
  // 1 s after the first answer, the radio is in its tail, and the connection is cold again.
  const Schedule soon({0.0}, 6.7);
  const Recorded awake = record(over_tcp(soon, {.requests = 2}, true));
  CHECK(awake.requests.back().latency().si() == about(5.2));
  check_times(awake.run, 0.5, 2, 8.4);
  CHECK(states_of_radio(awake.run)["tail 1"].time.si() == about(1));
  // The radio sleeps, and the window is kept: 4 and 8 segments, of which 4 were sent, make 12.
  const Schedule late({0.0}, 20);
  Simulation simulation = over_tcp(late, {.requests = 2}, true);
  simulation.hops[0].hop.tcp->idle_restart = false;
  const Recorded asleep = record(simulation);
  CHECK(asleep.requests.back().latency().si() == about(5.7 - 1.6));
  check_times(asleep.run, 1, 2, 8.4 - 1.6);
}

TEST_CASE("radio and TCP: a request that gives up, or a run that ends, in the middle of a stall") {
  const Schedule once({0.0}, 1e6);
  for (const bool own_links : {true, false}) {
    for (const bool stops : {true, false}) {
      CAPTURE(own_links);
      CAPTURE(stops);
      Simulation simulation = over_tcp(once, {.requests = 1}, own_links);
      if (stops) {
        simulation.stop = {.after = Seconds(1)};
      } else {
        simulation.classes[0].time_out.after = Seconds(1);
      }
      const Recorded recorded = record(simulation);
      REQUIRE(recorded.requests.size() == 1);
      check_times(recorded.run, 0.5, 0.4, 0.1);
      CHECK(recorded.requests[0].radio_energy.si() == about(1.5 + 0.4 * 2 + 4 * 0.25));
      CHECK(recorded.run.hops[0].up_traffic.in_part.si() == about((segments_of(4)).si()));
    }
  }
}

TEST_CASE("radio and TCP: a link that goes down during the promotion or in a stall") {
  const Schedule once({0.0}, 1e6);
  for (const bool own_links : {true, false}) {
    CAPTURE(own_links);
    Simulation simulation = over_tcp(once, {.requests = 1}, own_links);
    simulation.classes[0].failures.then = network::FailurePolicy::Then::wait;
    simulation.hops[0].faults.outages = {{0, Seconds(1), Seconds(1.5)}};
    // The message begins anew at 1.5 s, without a promotion, and stalls until the round ends at
    // 2.5 s. The window is then 8.
    const Recorded stalled = record(simulation);
    CHECK(stalled.requests.at(0).latency().si() == about(3.3 + 1.25 + 0.1 + 0.2 + 1.25));
    check_times(stalled.run, 0.5, 0.4 + 0.8 + 0.2, 6.1 - 0.5 - 1.4);
    CHECK(stalled.requests[0].radio_energy.si() == about(1.5 + 1.4 * 2 + 12 * 0.25 + 2 * 0.125));
    // The promotion ends at 0.5 s all the same, and the radio waits for the link until 0.8 s.
    simulation.hops[0].faults.outages = {{0, Seconds(0.25), Seconds(0.8)}};
    const Recorded promoted = record(simulation);
    CHECK(promoted.requests.at(0).latency().si() == about(5.7 + 0.3));
    check_times(promoted.run, 0.5, 1, 4.2 + 0.3);
  }
}

}  // namespace offcut::engine::radio_transport_test
