// Requests under failures of machines and links. Times are in seconds; messages of 10 B take 10 s
// over a link of 1 B/s.

#include <doctest/doctest.h>
#include <fmt/format.h>

#include <array>
#include <cmath>
#include <sstream>
#include <string>

#include "../small_systems.h"
#include "models/base/random.h"

namespace offcut::engine::failures_test {
namespace {

using Then = network::FailurePolicy::Then;

network::Outage outage(double from, double until, std::size_t which = 0) {
  return {which, Seconds(from), Seconds(until)};
}

/// Returns one device whose requests of 10 B, computed in 5 s, cross a link with the given outage.
Simulation over_failing_link(const workload::Arrivals& arrivals, network::Outage down,
                             network::FailurePolicy policy = {}) {
  Simulation simulation = system_of(1, {}, {asks(arrivals, {5}, 10)});
  simulation.hops[0].faults.outages = {down};
  simulation.classes[0].failures = policy;
  set_fallback(simulation, 0, Seconds(8));
  return simulation;
}

/// Returns one device whose requests without bytes are computed in 5 s, by servers of which one has
/// the given outage.
Simulation on_failing_machine(const workload::Arrivals& arrivals, Tier tier, network::Outage down,
                              network::FailurePolicy policy = {}) {
  tier.faults.outages = {down};
  Simulation simulation = system_of(1, std::move(tier), {asks(arrivals, {5})});
  simulation.classes[0].failures = policy;
  set_fallback(simulation, 0, Seconds(8));
  return simulation;
}

std::int64_t failures(const Recorded& recorded, std::size_t request) {
  return recorded.requests.at(request).failures;
}

}  // namespace

TEST_CASE("failures: a message that is lost is sent again when its link is up") {
  // Sent from 0 to 4 and lost; again from 7 to 17; computed until 22.
  const Times arrivals{{0}};
  const Simulation simulation = over_failing_link(arrivals, outage(4, 7));
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "22");
  const RequestRecord& r = recorded.requests[0];
  CHECK(r.lost == Seconds(7));
  CHECK(r.upload == Seconds(10));
  CHECK(r.upload_wait == Seconds(0));
  CHECK(r.failures == 1);
  CHECK(!r.fell_back);
  CHECK(recorded.run.hops[0].up_lost == 1);
  CHECK(recorded.run.hops[0].down_lost == 0);
  CHECK(recorded.run.hops[0].up_messages == 1);
  CHECK(recorded.run.hops[0].up == Bytes(10));
  CHECK(recorded.run.classes[0].failures == 1);
  CHECK(events(simulation) == "4 link_down 0.0\n7 link_up 0.0\n");
}

TEST_CASE("failures: each wait before a retry is longer by the factor") {
  // Lost at 4; the link is found down at 5 and 7, and up at 11: sent until 21.
  const Times arrivals{{0}};
  network::FailurePolicy policy{
      .retries = 3, .backoff = Seconds(1), .factor = 2, .then = Then::drop};
  const Recorded recorded = run(over_failing_link(arrivals, outage(4, 9), policy));
  CHECK(ends(recorded) == "26");
  CHECK(recorded.requests[0].lost == Seconds(11));
  CHECK(failures(recorded, 0) == 1);  // A message that was never sent is not lost.
  // Without a third retry, it is dropped at 7; if it waits instead, it goes on at 9.
  policy.retries = 2;
  CHECK(ends(over_failing_link(arrivals, outage(4, 9), policy)) == "x7");
  policy.then = Then::wait;
  CHECK(ends(over_failing_link(arrivals, outage(4, 9), policy)) == "24");
}

TEST_CASE("failures: the retries of each stage are its own") {
  // One retry for the message, at 5, and one for the computation, lost at 17 and done again at 18.
  const Times arrivals{{0}};
  const network::FailurePolicy policy{.retries = 1, .backoff = Seconds(1), .then = Then::drop};
  Simulation simulation = over_failing_link(arrivals, outage(4, 5), policy);
  simulation.tiers[1].faults.outages = {outage(17, 18)};
  CHECK(ends(simulation) == "23");
}

TEST_CASE("failures: a dropped request has its reason") {
  const Times arrivals{{0}};
  const Simulation simulation = over_failing_link(arrivals, outage(4, 7), {.then = Then::drop});
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "x4");
  CHECK(drop_reasons(simulation) == std::vector<std::string>{"hop failed", "failed too often"});
  REQUIRE(recorded.run.drops.size() == 2);
  CHECK(recorded.run.drops[0].reason == "hop failed");
  CHECK(recorded.run.drops[0].requests == 1);
  CHECK(recorded.run.drops[1].requests == 0);
  CHECK(recorded.requests[0].reason == 0);
}

TEST_CASE("failures: local computes the whole model on the device") {
  // Lost at 4, computed at home until 12; the next request finds the link down and the device busy.
  const Times arrivals{{0, 5}};
  const Recorded recorded = run(over_failing_link(arrivals, outage(4, 100), {.then = Then::local}));
  CHECK(ends(recorded) == "12 20");
  CHECK(recorded.requests[0].fell_back);
  CHECK(recorded.requests[0].lost == Seconds(4));
  CHECK(recorded.requests[0].device_compute == Seconds(8));
  CHECK(recorded.requests[0].server_compute == Seconds(0));
  CHECK(failures(recorded, 1) == 0);
  CHECK(recorded.requests[1].device_wait == Seconds(7));
  CHECK(recorded.run.classes[0].fell_back == 2);
}

TEST_CASE("failures: a rejected request is dropped, or falls back if its class allows it") {
  // There is no place to wait after the request of 0, which is computed until 5.
  const Times arrivals{{0, 1}};
  Simulation simulation =
      system_of(1,
                {.scheduling = {.admission = choose(scheduling::admission(), "bounded-queue",
                                                    {{"capacity", 0}})}},
                {asks(arrivals, {5})});
  CHECK(ends(simulation) == "5 x1");
  set_fallback(simulation, 0, Seconds(8));
  simulation.classes[0].failures.local_when_rejected = true;
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "5 9");
  CHECK(recorded.run.tiers[1].rejected == 1);
  CHECK(recorded.run.dropped == 0);
}

TEST_CASE("failures: messages queued after the lost one wait for the link, too") {
  // Of three at 0, one is under way when the link goes down at 4. From 7 on they go one by one.
  const Times arrivals{{0, 0, 0}};
  const Recorded recorded = run(over_failing_link(arrivals, outage(4, 7)));
  CHECK(ends(recorded) == "22 32 42");
  CHECK(failures(recorded, 0) == 1);
  CHECK(failures(recorded, 1) == 0);
  CHECK(recorded.requests[0].lost == Seconds(7));
  CHECK(recorded.requests[1].upload_wait == Seconds(4 + 10));
  CHECK(recorded.requests[1].lost == Seconds(3));
  CHECK(recorded.run.hops[0].up_lost == 1);
}

TEST_CASE("failures: a message that has left the link is not lost") {
  // The last bit leaves at 10 and is there at 15, while the link is down from 11 to 14.
  const Times arrivals{{0}};
  Simulation simulation = over_failing_link(arrivals, outage(11, 14));
  simulation.hops[0].hop.latency = Seconds(5);
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "20");
  CHECK(failures(recorded, 0) == 0);
}

TEST_CASE("failures: an answer is lost and sent again by its sender") {
  // Computed until 15; 4 B of answer are sent from 15 to 17 and lost, and sent from 18 to 22.
  const Times arrivals{{0}};
  Simulation simulation = over_failing_link(arrivals, outage(17, 18));
  simulation.itinerary_of(0).crossings[0].comes_down = true;
  simulation.itinerary_of(0).crossings[0].down_bytes = Bytes(4);
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "22");
  CHECK(recorded.requests[0].lost == Seconds(3));
  CHECK(recorded.requests[0].download == Seconds(4));
}

TEST_CASE("failures: a machine that goes down loses its running and its waiting requests") {
  // 5 s each from 0 on; down from 3 to 10; then again, in order, until 15 and 20.
  const Times arrivals{{0, 1}};
  const Recorded recorded = run(on_failing_machine(arrivals, {}, outage(3, 10)));
  CHECK(ends(recorded) == "15 20");
  CHECK(recorded.requests[0].lost == Seconds(10));
  CHECK(recorded.requests[0].server_wait == Seconds(0));
  CHECK(recorded.requests[1].lost == Seconds(2 + 7));
  CHECK(recorded.requests[1].server_wait == Seconds(5));
  CHECK(failures(recorded, 1) == 1);
  const TierUsage& tier = recorded.run.tiers[1];
  CHECK(tier.lost == 2);
  CHECK(tier.served == 2);
  CHECK(tier.busy == Seconds(3 + 10));
  CHECK(ends(on_failing_machine(arrivals, {}, outage(3, 10), {.then = Then::drop})) == "x3 x3");
  CHECK(ends(on_failing_machine(arrivals, {}, outage(3, 10), {.then = Then::local})) == "11 19");
}

TEST_CASE("failures: a request that finds no machine up waits, is dropped, or stays at home") {
  const Times arrivals{{2}};
  CHECK(ends(on_failing_machine(arrivals, {}, outage(1, 4))) == "9");
  CHECK(ends(on_failing_machine(arrivals, {}, outage(1, 4), {.then = Then::drop})) == "x2");
  CHECK(ends(on_failing_machine(arrivals, {}, outage(1, 4), {.then = Then::local})) == "10");
}

TEST_CASE("failures: one of two servers of a queue is down") {
  // Requests 0 and 1 on servers 0 and 1 until 5 and 6, 2 waits. Server 0 goes down at 3: its
  // request then waits after 2. The other server takes 2 until 11 and 0 until 16.
  const Times arrivals{{0, 1, 2}};
  const Recorded recorded = run(on_failing_machine(arrivals, {.servers = 2}, outage(3, 20)));
  CHECK(ends(recorded) == "16 6 11");
  CHECK(recorded.run.tiers[1].lost == 1);
  CHECK(failures(recorded, 2) == 0);
}

TEST_CASE("failures: the queue of a server that goes down is dispatched to the others") {
  // In turn: 0 and 2 to server 0, which goes down at 3, 1 to server 1. Both go there, in order.
  const Times arrivals{{0, 1, 2}};
  const Tier tier{.servers = 2,
                  .scheduling = {.dispatch = choose(scheduling::dispatch(), "round-robin")}};
  const Recorded recorded = run(on_failing_machine(arrivals, tier, outage(3, 20)));
  CHECK(ends(recorded) == "11 6 16");
  CHECK(recorded.run.tiers[1].lost == 2);
}

TEST_CASE("failures: a core of a server that is down is not a free one") {
  // Two servers, one queue without places to wait. With server 0 down, one request fills it.
  const Times arrivals{{1, 2, 7}};
  const Tier tier{.servers = 2,
                  .scheduling = {.admission = choose(scheduling::admission(), "bounded-queue",
                                                     {{"capacity", 0}})}};
  CHECK(ends(on_failing_machine(arrivals, tier, outage(0.5, 20))) == "6 x2 12");
  CHECK(ends(on_failing_machine(arrivals, tier, outage(0.25, 0.5))) == "6 7 12");
}

TEST_CASE("failures: a device that is down when its request arrives") {
  // 2 s of computing on the device, which is down from 1 to 5.
  const Times arrivals{{2}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {5})});
  simulation.tiers[0].faults.outages = {outage(1, 5)};
  simulation.itinerary_of(0).stages[0] = {.used = true, .service = {Seconds(2)}};
  set_fallback(simulation, 0, Seconds(8));
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "12");
  CHECK(recorded.requests[0].lost == Seconds(3));
  CHECK(failures(recorded, 0) == 0);
  simulation.classes[0].failures.then = Then::drop;
  CHECK(ends(simulation) == "x2");
  simulation.classes[0].failures.then =
      Then::local;  // The device is down, too, so the request waits.
  CHECK(ends(simulation) == "13");
}

TEST_CASE("failures: overlapping outages of one machine are one; machines are independent") {
  const Times arrivals{{3}};
  Simulation simulation = on_failing_machine(arrivals, {.servers = 2}, outage(2, 6));
  simulation.tiers[1].faults.outages.push_back(outage(4, 9));
  simulation.tiers[1].faults.outages.push_back(outage(5, 7, 1));
  CHECK(events(simulation) ==
        "2 machine_down 1.0\n"
        "5 machine_down 1.1\n"
        "7 machine_up 1.1\n"
        "9 machine_up 1.0\n");
  CHECK(ends(simulation) == "12");  // Lost at 5, and computed from 7 on.
}

TEST_CASE("failures: a machine is down for the union of its outages") {
  // Outages begin and end at whole seconds, so the union is found second by second: outages touch,
  // contain one another and are equal. Machine 1 is half a second late, so that no two events are
  // at one time. The request of 60 keeps the run going.
  const Times arrivals{{60}};
  RandomStream stream = random_stream(7, "outages");
  const auto draw = [&](int least, int most) {
    return least + static_cast<int>(stream() % static_cast<std::uint64_t>(most - least + 1));
  };
  for (int system = 0; system < 30; ++system) {
    Simulation simulation = on_failing_machine(arrivals, {.servers = 2}, outage(50, 51));
    std::vector<network::Outage>& outages = simulation.tiers[1].faults.outages;
    outages.clear();
    std::array<std::array<bool, 40>, 2> is_down{};
    for (int i = 0; i < 8; ++i) {
      const int which = draw(0, 1), from = draw(1, 30), until = from + draw(1, 8);
      outages.push_back(outage(from + which * 0.5, until + which * 0.5, which == 0 ? 0 : 1));
      for (int second = from; second < until; ++second) {
        is_down[which == 0 ? 0 : 1][static_cast<std::size_t>(second)] = true;
      }
    }
    std::string expected;
    for (std::size_t second = 1; second < 40; ++second) {
      for (std::size_t which = 0; which < 2; ++which) {
        if (is_down[which][second] != is_down[which][second - 1]) {
          expected += fmt::format("{} machine_{} 1.{}\n",
                                  static_cast<double>(second) + (which == 0 ? 0 : 0.5),
                                  is_down[which][second] ? "down" : "up", which);
        }
      }
    }
    CHECK(events(simulation) == expected);
  }
}

TEST_CASE(
    "failures: a device that fails during a tail computes the whole model, if it falls back") {
  // The device computes until 2, the server until 7, and the device again, until it fails at 8. It
  // is up at 9, and computes the model alone until 17.
  const Times arrivals{{0}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {5})});
  simulation.tiers[0].faults.outages = {outage(8, 9)};
  simulation.itinerary_of(0).stages[0] = {
      .used = true, .service = {Seconds(2)}, .tail = Seconds(3)};
  set_fallback(simulation, 0, Seconds(8));
  simulation.classes[0].failures.then = Then::local;
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "17");
  CHECK(recorded.requests[0].fell_back);
}

TEST_CASE("failures: a device's own link before an uplink") {
  // Two devices send 100 B at 10 B/s each, over a link of 10 B/s that both share: 5 each. Device
  // 0's own link is down from 4 to 6: the other one sends 20 + 20 B until 6. Then both have 5
  // again: it has 60 left and ends at 18. Device 0 has sent 60 then, and the other 40 at 10 B/s
  // until 22.
  const Times arrivals{{0}, {0}};
  for (const bool own : {true, false}) {
    Simulation simulation = system_of(2, {}, {asks(arrivals, {0}, 100)});
    simulation.own_links = own;
    const BytesPerSecond rate(10);
    simulation.hops[0].hop = {rate, rate, Seconds(0)};
    simulation.hops[0].site = Link::Uplink{2, rate, rate};
    simulation.hops[0].faults.outages = {outage(4, 6)};
    const Recorded recorded = run(simulation);
    CHECK(ends(recorded) == "22 18");
    CHECK(failures(recorded, 1) == 0);
  }
}

TEST_CASE("failures: several flows that SimGrid serves are lost at once") {
  // Five times 100 B over one link of 10 B/s; down from 4 to 6; then all again, 50 s.
  const Times arrivals{{0}, {0}, {0}, {0}, {0}};
  for (const bool own : {true, false}) {
    Simulation simulation = system_of(5, {}, {asks(arrivals, {0}, 100)});
    simulation.own_links = own;
    simulation.hops[0] = {.name = "hop",
                          .hop = {BytesPerSecond(10), BytesPerSecond(10), Seconds(0)},
                          .shared = true,
                          .faults = {.outages = {outage(4, 6)}}};
    const Recorded recorded = run(simulation);
    CHECK(ends(recorded) == "56 56 56 56 56");
    CHECK(recorded.run.hops[0].up_lost == 5);
    simulation.classes[0].failures.then = Then::drop;
    CHECK(ends(simulation) == "x4 x4 x4 x4 x4");
  }
}

TEST_CASE("failures: all requests that share a processor are lost at once") {
  // Three times 3 s of work from 0 on; down from 1 to 2; then all again, 9 s.
  const Times arrivals{{0}, {0}, {0}};
  for (const bool own : {true, false}) {
    Tier tier{.scheduling = {.queue = choose(scheduling::queues(), "processor-sharing")}};
    tier.faults.outages = {outage(1, 2)};
    Simulation simulation = system_of(3, tier, {asks(arrivals, {3})});
    simulation.own_links = own;
    const Recorded recorded = run(simulation);
    CHECK(ends(recorded) == "11 11 11");
    CHECK(recorded.run.tiers[1].lost == 3);
    CHECK(recorded.run.tiers[1].busy.si() == doctest::Approx(1 + 9));
  }
}

TEST_CASE("failures: a link fails when a flow is about to start on it in SimGrid") {
  // The request arrives at the time at which the link goes down, and is the first event of all.
  const Times arrivals{{4}};
  Simulation simulation = over_failing_link(arrivals, outage(4, 7));
  simulation.own_links = false;
  CHECK(ends(simulation) == "22");
}

TEST_CASE("failures: 100,000 messages that wait for a link do not overflow the stack" *
          doctest::test_suite("slow")) {
  // All at 0, 1 B each at 100,000 B/s; down from 0 to 1: sent until 2.
  constexpr std::size_t kMany = 100'000;
  const Times arrivals{std::vector<double>(kMany, 0)};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {0}, 1)});
  simulation.hops[0].hop.up = BytesPerSecond(kMany);
  simulation.hops[0].faults.outages = {outage(0, 1)};
  const Recorded waited = run(simulation);
  CHECK(waited.run.completed == kMany);
  CHECK(waited.run.duration.si() == doctest::Approx(2));
  simulation.classes[0].failures.then = Then::drop;
  CHECK(run(simulation).run.dropped == kMany);
  simulation.classes[0].failures = {.retries = 3, .then = Then::local};
  set_fallback(simulation, 0, Seconds(0));
  CHECK(run(simulation).run.completed == kMany);
}

TEST_CASE("failures: a request that takes longer than machines stay up is dropped in the end") {
  // 5 s of computing on a machine with a mean time up of a thousandth of a second: it succeeds with
  // the probability e^-5000.
  const Times arrivals{{0}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {5})});
  simulation.tiers[1].faults.exponential =
      network::Faults::Exponential{Seconds(0.001), Seconds(0.001)};
  const Recorded recorded = run(simulation);
  REQUIRE(recorded.requests.size() == 1);
  CHECK(recorded.requests[0].ending == Ending::dropped);
  CHECK(recorded.requests[0].failures == 10'000);
  CHECK(recorded.run.drops.back().reason == "failed too often");
  CHECK(recorded.run.drops.back().requests == 1);
}

TEST_CASE("failures: machines have the given mean times up and down, independently") {
  // Two machines, 30,000 s of up and down for 3 s and 1 s on average: about 7,500 cycles each. The
  // mean of n exponential times of mean m has the standard deviation m / sqrt(n).
  struct Spans {
    double up = 0, down = 0, ups = 0, downs = 0;
    bool operator==(const Spans&) const = default;
  };
  const Times arrivals{{}};
  const auto spans_of = [&](std::size_t machines, std::size_t machine) {
    Simulation simulation = system_of(1, {.servers = machines}, {asks(arrivals, {1})});
    simulation.tiers[1].faults.exponential = network::Faults::Exponential{Seconds(3), Seconds(1)};
    simulation.stop = {.after = Seconds(30'000)};
    Spans spans;
    double since = 0;
    std::istringstream lines(events(simulation));
    for (std::string time, kind, component; lines >> time >> kind >> component;) {
      if (component != "1." + std::to_string(machine)) {
        continue;
      }
      const bool was_up = kind == "machine_down";
      (was_up ? spans.up : spans.down) += std::stod(time) - since;
      (was_up ? spans.ups : spans.downs) += 1;
      since = std::stod(time);
    }
    return spans;
  };
  const Spans first = spans_of(2, 0);
  CHECK(first.ups > 7000);
  CHECK(first.up / first.ups == doctest::Approx(3).epsilon(5 / std::sqrt(first.ups)));
  CHECK(first.down / first.downs == doctest::Approx(1).epsilon(5 / std::sqrt(first.downs)));
  CHECK(first == spans_of(1, 0));  // Another machine does not change this one.
  CHECK(!(first == spans_of(2, 1)));
}

}  // namespace offcut::engine::failures_test
