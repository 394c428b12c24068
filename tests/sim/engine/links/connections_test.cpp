// Messages over TCP, computed by hand: a link of 10 segments per second and a round trip of 2 s,
// which 20 segments fill. An idle connection begins again with its first window after 2.2 s.

#include "sim/engine/links/connections.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../small_systems.h"

namespace offcut::engine {
namespace {

const Bytes kOne = partition::kSegment;

/// Devices with links of their own; their requests send a message and get no answer.
Simulation tcp_system(const Times& times, std::size_t devices, double segments,
                      partition::Tcp tcp = {.initial_window = 4}) {
  Simulation simulation = system_of(devices, {}, {asks(times, {0.0}, (kOne * segments).si())});
  const BytesPerSecond rate(10 * kOne.si());
  simulation.hops[0].hop = {.up = rate, .down = rate, .latency = Seconds(1), .tcp = tcp};
  return simulation;
}

/// Returns when the requests end, with the links of the engine; SimGrid's must agree.
std::string ends_of_both(Simulation simulation) {
  const Recorded ours = run(simulation);
  simulation.own_links = false;
  const Recorded simgrid = run(simulation);
  REQUIRE(ours.requests.size() == simgrid.requests.size());
  for (std::size_t i = 0; i < ours.requests.size(); ++i) {
    CHECK(ours.requests[i].completion.si() == about(simgrid.requests[i].completion.si()));
  }
  return ends(ours);
}

}  // namespace

TEST_CASE("connections: a cold connection stalls, a warm one does not") {
  // Windows of 4, 8 and 16 segments, and 2 more at 6 s. 40 s later, the connection is cold again.
  const Times apart{{0, 40}};
  CHECK(ends_of_both(tcp_system(apart, 1, 30)) == "7.2 47.2");
  CHECK(ends_of_both(tcp_system(apart, 1, 30, {.initial_window = 4, .idle_restart = false})) ==
        "7.2 44");
  // The first message has left at 6.2 s. The next ones begin within 2.2 s of the one before.
  CHECK(ends_of_both(tcp_system(Times{{0, 8, 13}}, 1, 30)) == "7.2 12 17");
  // Beyond the time-out after 6.2 s.
  CHECK(ends_of_both(tcp_system(Times{{0, 8.5}}, 1, 30)) == "7.2 15.7");
  CHECK(ends_of_both(tcp_system(apart, 1, 30, {.initial_window = 20})) == "4 44");
  CHECK(ends_of_both(tcp_system(apart, 1, 4)) == "1.4 41.4");
}

TEST_CASE("connections: messages of one round share its window, which grows by what they sent") {
  // Three messages of 3 segments: the second has 1 segment left in the window of 4, and goes on at
  // 2 s with a window of 8, as does the third.
  CHECK(ends_of_both(tcp_system(Times{{0, 0.5, 0.6}}, 1, 3)) == "1.3 3.2 3.5");
  // Each of the 3 segments widens the window, from 4 over 7 to 10.
  CHECK(ends_of_both(tcp_system(Times{{0, 2, 4, 4.1, 4.2, 4.3}}, 1, 3)) ==
        "1.3 3.3 5.3 5.6 5.9 7.2");
}

TEST_CASE("connections: a stalled message leaves a shared link to others") {
  // Each device sends 8 segments. The first stalls from 0.4 s to 2 s, while the second sends 4. The
  // first is through when the second goes on, at 2.4 s.
  const Times first{{0}, {0.4}};
  Simulation simulation = tcp_system(first, 2, 8);
  simulation.hops[0].shared = true;
  CHECK(ends_of_both(simulation) == "3.4 3.8");
  const Times second{{0}, {0.2}};
  simulation = tcp_system(second, 2, 8);
  simulation.hops[0].shared = true;
  // From 0.2 s on both send: the first has 2 segments of its window left until 0.6 s, the second
  // then 2 until 0.8 s. The first goes on at 2 s, alone for 0.2 s, and ends at 2.6 s.
  CHECK(ends_of_both(simulation) == "3.6 3.8");
}

TEST_CASE("connections: a round that lasts longer than its round trip is not followed by a stall") {
  // Eleven devices share the link: windows of 4 segments, 44 in all, take 4.4 s, and all go on at
  // once for 4 more.
  const Times times{{0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}, {0}};
  Simulation simulation = tcp_system(times, 11, 8);
  simulation.hops[0].shared = true;
  CHECK(ends_of_both(simulation) == "9.8 9.8 9.8 9.8 9.8 9.8 9.8 9.8 9.8 9.8 9.8");
}

TEST_CASE("connections: each request opens its own connection, also for its answer") {
  const Times times{{0, 10}};
  Simulation simulation = tcp_system(times, 1, 5, {.initial_window = 4, .handshake = true});
  // 2 s for the handshake, 2 s for the first window, 0.1 s, 1 s.
  CHECK(ends_of_both(simulation) == "5.1 15.1");
  Crossing& crossing = simulation.itineraries[0].crossings[0];
  crossing.comes_down = true;
  crossing.down_bytes = kOne * 4.0;
  CHECK(ends_of_both(simulation) == "6.5 16.5");
  crossing.up_bytes = Bytes(0);
  CHECK(ends_of_both(simulation) == "4.4 14.4");
}

TEST_CASE("connections: a link that fails loses the message that stalls on it") {
  for (const bool own_links : {true, false}) {
    const Times times{{0, 20}};
    Simulation simulation = tcp_system(times, 1, 5);
    simulation.own_links = own_links;
    simulation.hops[0].faults.outages = {{0, Seconds(1), Seconds(1.5)}};
    simulation.classes[0].failures.then = network::FailurePolicy::Then::wait;
    // The message begins anew at 1.5 s, in a round that ended at 0.4 s and allows no more until
    // 2 s; the window is then 8.
    CAPTURE(own_links);
    CHECK(ends(simulation) == "3.5 23.1");
    simulation.classes[0].failures.then = network::FailurePolicy::Then::drop;
    CHECK(ends(simulation) == "x1 23.1");
  }
}

TEST_CASE("connections: a share of payload, on own links and uplinks, and a time per message") {
  const Times times{{0}, {0}};
  Simulation simulation = tcp_system(times, 2, 10);
  simulation.hops[0].hop.tcp.reset();
  simulation.hops[0].hop.payload = 0.5;
  simulation.hops[0].hop.per_message = Seconds(0.25);
  CHECK(ends_of_both(simulation) == "3.25 3.25");
  const BytesPerSecond rate(10 * kOne.si());
  simulation.hops[0].site = Link::Uplink{2, rate, rate, 0.5};
  CHECK(ends_of_both(simulation) == "5.25 5.25");
  const Recorded recorded = run(simulation);
  CHECK(recorded.run.hops[0].hop.up.si() == about(5 * kOne.si()));
  CHECK(recorded.run.hops[0].site_up.si() == about(5 * kOne.si()));
}

}  // namespace offcut::engine
