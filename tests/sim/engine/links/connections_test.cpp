// Messages over TCP, computed by hand: a link of 10 segments per second and a round trip of 2 s,
// which 20 segments fill. An idle connection begins again with its first window after 2.2 s.

#include "sim/engine/links/connections.h"

#include <doctest/doctest.h>
#include <fmt/format.h>

#include "../small_systems.h"

namespace offcut::engine::connections_test {
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

TEST_CASE("connections: a request that gives up while it stalls leaves its connection to others") {
  // Request 0 sends 4 of its 8 segments until 0.4 s, stalls, and gives up at 1 s. Request 1 shares
  // the window, which was used up, and sends 8 from 2 s on. Request 2 arrives after request 0 has
  // left, and before its stall would have ended: it sends 8 from 4 s on.
  const Times first{{0}}, others{{0.5, 1.5}};
  const double bytes = (kOne * 8.0).si();
  Simulation simulation = tcp_system(first, 1, 8);
  simulation.classes[0].time_out.after = Seconds(1);
  add_class(simulation, asks(others, {0}, bytes)).name = "others";
  CHECK(ends_of_both(simulation) == "x1 3.8 5.8");
  for (const bool own_links : {true, false}) {
    simulation.own_links = own_links;
    const HopUsage hop = run(simulation).run.hops[0];
    CHECK(hop.up == Bytes(2 * bytes));
    CHECK(hop.up_messages == 2);
    CHECK(hop.up_lost == 0);
    CHECK(hop.up_traffic.in_part.si() == about((kOne * 4.0).si()));
    // In line from 0.5 to 1 s, and from 1.5 to 2.8 s.
    CHECK(hop.up_traffic.waited.si() == about(0.5 + 1.3));
  }
}

TEST_CASE("connections: a request that gives up while it sends has sent its first pieces") {
  // At 2.3 s, 4 segments of the first window and 3 of the second have left.
  const Times times{{0}};
  Simulation simulation = tcp_system(times, 1, 8);
  simulation.classes[0].time_out.after = Seconds(2.3);
  for (const bool own_links : {true, false}) {
    simulation.own_links = own_links;
    const Recorded recorded = run(simulation);
    CHECK(ends(recorded) == "x2.3");
    CHECK(recorded.run.hops[0].up_traffic.in_part.si() == about((kOne * 7.0).si()));
  }
}

TEST_CASE("connections: nothing waits for the stall of a request that gave up") {
  // The message of device 0 is there at 1.4 s, and waits for a batch of two, which can't fill up
  // any more once device 1 has given up at 1 s.
  const Times first{{0}, {}}, second{{}, {0}};
  Simulation simulation = tcp_system(first, 2, 4);
  simulation.tiers[1].scheduling.batching = choose(scheduling::batching(), "fixed", {{"size", 2}});
  simulation.itinerary_of(0).stages[1].service = {Seconds(5), Seconds(5)};
  add_class(simulation, asks(second, {5, 5}, (kOne * 8.0).si())).name = "second";
  simulation.classes[1].time_out.after = Seconds(1);
  CHECK(ends_of_both(simulation) == "6.4 x1");
}

TEST_CASE("connections: a message without bytes can be lost while its connection is opened") {
  const Times first{{0}}, second{{0.5}};
  Simulation simulation = tcp_system(first, 1, 0, {.initial_window = 4, .handshake = true});
  add_class(simulation, asks(second, {0})).name = "second";
  simulation.classes[0].time_out.after = Seconds(1);
  CHECK(ends_of_both(simulation) == "x1 4");
  simulation.classes[0].time_out = {};
  simulation.hops[0].faults.outages = {{0, Seconds(1), Seconds(1.25)}};
  simulation.classes[0].failures.then = network::FailurePolicy::Then::drop;
  simulation.classes[1].failures.then = network::FailurePolicy::Then::wait;
  CHECK(ends_of_both(simulation) == "x1 4.25");
}

TEST_CASE("connections: a run that is stopped counts what was sent before a stall") {
  const Times times{{0}};
  Simulation simulation = tcp_system(times, 1, 8);
  simulation.stop = {.after = Seconds(1)};
  for (const bool own_links : {true, false}) {
    simulation.own_links = own_links;
    const Traffic traffic = run(simulation).run.hops[0].up_traffic;
    CHECK(traffic.in_part.si() == about((kOne * 4.0).si()));
    CHECK(traffic.left == 1);
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

}  // namespace offcut::engine::connections_test
