// Messages over several hops at once, and over direct hops, computed by hand.

#include <doctest/doctest.h>

#include "../small_systems.h"

namespace offcut::engine::routes_test {
namespace {

/// Devices with links of 10 B/s to an edge, from which all traffic goes on over one link of 15 B/s
/// to a cloud. Latencies are 1 s and 2 s. Leg 2 leads over both hops.
Simulation two_hops(std::size_t devices) {
  Simulation simulation;
  simulation.tiers = {{.name = "device", .servers = devices},
                      {.name = "edge", .servers = 9},
                      {.name = "cloud", .servers = 9}};
  simulation.hops = {
      {.name = "near", .hop = {BytesPerSecond(10), BytesPerSecond(10), Seconds(1)}},
      {.name = "far", .hop = {BytesPerSecond(15), BytesPerSecond(15), Seconds(2)}, .shared = true}};
  simulation.long_legs = {{0, 1}};
  return simulation;
}

/// A class whose requests send a message of `up` bytes to the cloud past the edge, which answers
/// with `down` bytes.
PlannedClass past_the_edge(const workload::Arrivals& arrivals, double up, double down) {
  PlannedClass planned;
  planned.arrivals = &arrivals;
  planned.stages = {{}, {}, {.used = true, .service = {Seconds(0)}}};
  planned.crossings = {
      {},
      {},
      {.goes_up = true, .up_bytes = Bytes(up), .comes_down = true, .down_bytes = Bytes(down)}};
  return planned;
}

/// A class whose requests send a message of `bytes` to the edge and get no answer.
PlannedClass to_the_edge(const workload::Arrivals& arrivals, double bytes) {
  PlannedClass planned;
  planned.arrivals = &arrivals;
  planned.stages = {{}, {.used = true, .service = {Seconds(0)}}, {}};
  planned.crossings = {{.goes_up = true, .up_bytes = Bytes(bytes)}, {}};
  return planned;
}

/// Runs it with the engine's own links and with SimGrid's; both must agree.
std::string ends_of_both(Simulation simulation, std::int64_t requests) {
  simulation.stop.requests = requests;
  Simulation other = simulation;
  other.own_links = false;
  const std::string text = ends(simulation);
  CHECK(ends(other) == text);
  return text;
}

}  // namespace

TEST_CASE("routes: a message is as fast as the slowest hop, and latencies add up") {
  const Times arrivals{{0}};
  Simulation simulation = two_hops(1);
  add_class(simulation, past_the_edge(arrivals, 100, 50));
  // 100 B at 10 B/s and 3 s; 50 B at 10 B/s and 3 s.
  CHECK(ends_of_both(simulation, 1) == "21");
}

TEST_CASE("routes: messages of several devices share the link that they have in common") {
  const Times arrivals{{0}, {0}};
  Simulation simulation = two_hops(2);
  add_class(simulation, past_the_edge(arrivals, 60, 0));
  // Two flows of at most 10 B/s get 7.5 B/s each of the 15 B/s: 8 s, and 3 s each way.
  CHECK(ends_of_both(simulation, 2) == "14 14");
}

TEST_CASE("routes: what a slow flow leaves goes to those that cross the link alone") {
  // Device 0 sends 40 B past the edge. The edge's own request goes on to the cloud: it comes from
  // device 1, whose message to the edge has no bytes.
  const Times first{{0}, {}}, second{{}, {0}};
  Simulation simulation = two_hops(2);
  simulation.hops[0].hop.up = BytesPerSecond(4);
  simulation.hops[0].hop.latency = Seconds(0);
  add_class(simulation, past_the_edge(first, 40, 0)).name = "first";
  PlannedClass relayed = to_the_edge(second, 0);
  relayed.crossings[1] = {.goes_up = true, .up_bytes = Bytes(110)};
  relayed.stages[2] = {.used = true, .service = {Seconds(0)}};
  add_class(simulation, std::move(relayed)).name = "second";
  // The first has 4 B/s of its own link: 10 s, then 2 s each way. The second has the other 11 B/s
  // for 10 s, which is all of it.
  CHECK(ends_of_both(simulation, 2) == "14 12");
}

TEST_CASE("routes: a link that fails on the way loses the message, which its sender sends again") {
  const Times arrivals{{0}};
  Simulation simulation = two_hops(1);
  simulation.hops[1].faults.outages = {{0, Seconds(4), Seconds(5)}};
  PlannedClass planned = past_the_edge(arrivals, 100, 0);
  planned.failures = {.retries = 0, .then = network::FailurePolicy::Then::wait};
  add_class(simulation, std::move(planned));
  // Lost at 4 s, sent again at 5 s: 10 s and 3 s each way.
  CHECK(ends_of_both(simulation, 1) == "21");
  simulation.stop.requests = 1;
  const Recorded recorded = run(simulation);
  CHECK(recorded.requests[0].lost.si() == about(5));
  for (const HopUsage& hop : recorded.run.hops) {
    CHECK(hop.up_lost == 1);
    CHECK(hop.up_messages == 1);
    CHECK(hop.up == Bytes(100));
    CHECK(hop.up_traffic.in_part.si() == about(40));
  }
}

TEST_CASE("routes: a request that gives up leaves all links of its leg") {
  const Times arrivals{{0}, {0}};
  Simulation simulation = two_hops(2);
  PlannedClass impatient = past_the_edge(arrivals, 60, 0);
  impatient.time_out = {.after = Seconds(4), .counts = TimeOut::Counts::unanswered};
  const Times only_first{{0}, {}}, only_second{{}, {0}};
  impatient.arrivals = &only_first;
  add_class(simulation, std::move(impatient)).name = "impatient";
  add_class(simulation, past_the_edge(only_second, 60, 0)).name = "patient";
  // Both get 7.5 B/s for 4 s; then the second has 10 B/s for its other 30 B, and 3 s each way.
  CHECK(ends_of_both(simulation, 2) == "x4 13");
}

TEST_CASE("routes: parts of the time are divided among the hops") {
  const Times arrivals{{0}};
  Simulation simulation = two_hops(1);
  add_class(simulation, past_the_edge(arrivals, 100, 50));
  simulation.stop.requests = 1;
  const Recorded recorded = run(simulation);
  CHECK(recorded.requests[0].upload.si() == about(13));
  CHECK(recorded.requests[0].download.si() == about(8));
}

TEST_CASE("routes: a direct hop has links, a line of messages and a radio of its own") {
  const Times first{{0}}, second{{0}};
  Simulation simulation = two_hops(1);
  simulation.long_legs.clear();
  simulation.hops.push_back({.name = "direct",
                             .hop = {BytesPerSecond(5), BytesPerSecond(5), Seconds(1)},
                             .radio = cost::Radio{.base = Watts(2)},
                             .direct = Link::Ends{0, 2}});
  simulation.hops[0].radio = cost::Radio{.base = Watts(3)};
  add_class(simulation, past_the_edge(first, 50, 25)).name = "first";
  add_class(simulation, to_the_edge(second, 40)).name = "second";
  // The first sends 50 B at 5 B/s and 1 s, and back 25 B at 5 B/s and 1 s. The second does not wait
  // for it: 40 B at 10 B/s and 1 s.
  CHECK(ends_of_both(simulation, 2) == "17 5");
  simulation.stop.requests = 2;
  const RunRecord record = run(simulation).run;
  CHECK(record.hops[2].up == Bytes(50));
  CHECK(record.hops[2].down == Bytes(25));
  CHECK(record.hops[2].leaves_device);
  double near = 0, direct = 0;
  for (const EnergyState& state : record.energy) {
    near += state.of_radio && !state.name.starts_with("direct ") ? state.energy.si() : 0;
    direct += state.of_radio && state.name.starts_with("direct ") ? state.energy.si() : 0;
  }
  CHECK(near == about(3 * 4));
  CHECK(direct == about(2 * 15));
}

TEST_CASE("routes: TCP is from end to end") {
  const Times arrivals{{0}};
  Simulation simulation = two_hops(1);
  simulation.hops[0].hop.up = BytesPerSecond(1448);
  simulation.hops[1].hop.up = BytesPerSecond(14480);
  simulation.hops[1].hop.tcp = partition::Tcp{.initial_window = 2};
  add_class(simulation, past_the_edge(arrivals, 4 * 1448, 0));
  // A round trip of 6 s: two segments in 2 s, 4 s of stall, and two more in 2 s; then 3 s, and 3 s
  // back.
  CHECK(ends_of_both(simulation, 1) == "14");
}

}  // namespace offcut::engine::routes_test
