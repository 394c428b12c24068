// Requests that give up. Times are in seconds; messages of 10 B take 10 s over a link of 1 B/s.

#include "sim/engine/core/time_outs.h"

#include <doctest/doctest.h>

#include "../small_systems.h"

namespace offcut::engine::time_outs_test {
namespace {

using Counts = TimeOut::Counts;

/// Returns one device whose requests without bytes are computed in 5 s by one machine.
Simulation at_one_machine(const workload::Arrivals& arrivals, double after,
                          Counts counts = Counts::unanswered) {
  Simulation simulation = system_of(1, {}, {asks(arrivals, {5})});
  simulation.classes[0].time_out = {Seconds(after), counts};
  return simulation;
}

}  // namespace

TEST_CASE("time-outs: unanswered requests give up anywhere, and what has begun runs on") {
  // Request 0 is computed until 5, request 1 from 5 to 10, although it gives up at 8. Request 2
  // gives up in the queue, and request 3, which is computed from 10 on, at 13.
  const Times arrivals{{0, 1, 2, 6}};
  const Simulation simulation = at_one_machine(arrivals, 7);
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "5 x8 x9 x13");
  CHECK(recorded.run.dropped == 3);
  CHECK(drop_reasons(simulation) == std::vector<std::string>{"timed out"});
  CHECK(recorded.run.drops.at(0).requests == 3);
  CHECK(recorded.run.duration == Seconds(13));
  const TierUsage& tier = recorded.run.tiers[1];
  CHECK(tier.served == 2);
  CHECK(tier.busy == Seconds(13));
  CHECK(tier.most_waiting == 2);
}

TEST_CASE("time-outs: unstarted requests give up until their last tier begins") {
  const Times arrivals{{0, 1, 2, 6}};
  CHECK(ends(at_one_machine(arrivals, 7, Counts::unstarted)) == "5 10 x9 15");
  // The computation of the device, from 0 to 2 and from 2 to 4, is not the last one.
  const Times two{{0, 0}};
  Simulation simulation = at_one_machine(two, 6, Counts::unstarted);
  simulation.itinerary_of(0).stages[0] = {.used = true, .service = {Seconds(2)}};
  CHECK(ends(simulation) == "7 x6");
  simulation.classes[0].time_out.after = Seconds(1);
  CHECK(ends(simulation) == "x1 x1");
  // A tail on the device is after it: request 1 is computed from 5 to 10, and its tail until 13.
  simulation = at_one_machine(two, 6, Counts::unstarted);
  simulation.itinerary_of(0).stages[0].tail = Seconds(3);
  CHECK(ends(simulation) == "8 13");
}

TEST_CASE("time-outs: waiting requests give up in queues only") {
  const Times arrivals{{0, 1, 2, 6}};
  CHECK(ends(at_one_machine(arrivals, 3.5, Counts::waiting)) == "5 x4.5 10 x9.5");
}

TEST_CASE("time-outs: waiting counts in all queues together") {
  // Request 1 waits 10 s for the first message, is sent until 20, and would wait until 35.
  const Times arrivals{{0, 0}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {25}, 10)});
  simulation.classes[0].time_out = {Seconds(12), Counts::waiting};
  CHECK(ends(simulation) == "35 x22");
  simulation.classes[0].time_out.after = Seconds(9);
  CHECK(ends(simulation) == "35 x9");
  simulation.classes[0].time_out.after = Seconds(26);
  CHECK(ends(simulation) == "35 60");
}

TEST_CASE("time-outs: a message under way leaves its link to the others") {
  // Two devices send 100 B each over one link of 10 B/s. Device 1 gives up at 4, when both have
  // sent 20 B; device 0 sends its other 80 B until 12.
  const Times first{{0}, {}}, second{{}, {0}};
  for (const bool own : {true, false}) {
    Simulation simulation = system_of(2, {}, {asks(first, {0}, 100), asks(second, {0}, 100)});
    simulation.own_links = own;
    simulation.hops[0].shared = true;
    simulation.hops[0].hop = {BytesPerSecond(10), BytesPerSecond(10), Seconds(0)};
    simulation.classes[1].time_out.after = Seconds(4);
    const Recorded recorded = run(simulation);
    CHECK(ends(recorded) == "12 x4");
    CHECK(recorded.run.hops[0].up_messages == 1);
    CHECK(recorded.run.hops[0].up_lost == 0);
    CHECK(recorded.run.classes[1].failures == 0);
  }
}

TEST_CASE("time-outs: a device goes on with its next message") {
  // Request 0 is sent until 10, and 1 from 10 on; it gives up at 15 like 2, which was still in
  // line. 3 is then sent until 25.
  const Times arrivals{{0, 0, 0, 12}};
  for (const bool own : {true, false}) {
    Simulation simulation = system_of(1, {}, {asks(arrivals, {0}, 10)});
    simulation.own_links = own;
    simulation.classes[0].time_out.after = Seconds(15);
    CHECK(ends(simulation) == "10 x15 x15 25");
    simulation.classes[0].time_out = {Seconds(4), Counts::waiting};
    CHECK(ends(simulation) == "10 x4 x4 22");
  }
}

TEST_CASE("time-outs: while the last bit is on its way, and with the answer") {
  // Sent from 0 to 10, there at 15, computed until 20; 10 B of answer until 30, there at 35.
  const Times arrivals{{0}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {5}, 10)});
  simulation.hops[0].hop.latency = Seconds(5);
  simulation.itinerary_of(0).crossings[0].comes_down = true;
  simulation.itinerary_of(0).crossings[0].down_bytes = Bytes(10);
  for (const double after : {3.0, 12.0, 17.0, 25.0, 32.0}) {
    simulation.classes[0].time_out.after = Seconds(after);
    const Recorded recorded = run(simulation);
    REQUIRE(recorded.requests.size() == 1);
    CHECK(!recorded.requests[0].completed());
    CHECK(recorded.requests[0].completion == Seconds(after));
    CHECK(recorded.run.duration == Seconds(after));
  }
  simulation.classes[0].time_out.after = Seconds(36);
  CHECK(ends(simulation) == "35");
}

TEST_CASE("time-outs: during a pause, and while a link is down") {
  const Times arrivals{{0}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {5}, 10)});
  simulation.hops[0].faults.outages = {{0, Seconds(4), Seconds(100)}};
  simulation.classes[0].time_out.after = Seconds(20);
  CHECK(ends(simulation) == "x20");
  simulation.classes[0].failures = {.retries = 1, .backoff = Seconds(30)};
  CHECK(ends(simulation) == "x20");
  simulation.stop = {.after = Seconds(200)};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "x20");
  CHECK(recorded.run.duration == Seconds(200));
  CHECK(recorded.run.in_flight == 0);
}

TEST_CASE("time-outs: the others of a batch are computed") {
  // A batch of two from 1 to 6.
  const Times arrivals{{0, 1}};
  Tier tier{.scheduling = {.batching = choose(scheduling::batching(), "fixed", {{"size", 2}})}};
  Simulation simulation = system_of(1, tier, {asks(arrivals, {5, 5})});
  simulation.classes[0].time_out.after = Seconds(5.5);
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "x5.5 6");
  CHECK(recorded.run.tiers[1].served == 2);
  // In the queue, 0 gives up at 3 and no longer counts for the batch of 2 and 3.
  const Times later{{0, 4, 5, 6}};
  Simulation waiting = system_of(1, tier, {asks(later, {5, 5})});
  waiting.classes[0].time_out = {Seconds(3), Counts::waiting};
  CHECK(ends(waiting) == "x3 10 10 x9");
}

TEST_CASE("time-outs: a shared processor goes on with what it has begun") {
  // Two times 3 s of work from 0 on: both would end at 6.
  const Times first{{0}, {}}, second{{}, {0}};
  for (const bool own : {true, false}) {
    Tier tier{.scheduling = {.queue = choose(scheduling::queues(), "processor-sharing")}};
    Simulation simulation = system_of(2, tier, {asks(first, {3}), asks(second, {3})});
    simulation.own_links = own;
    simulation.classes[0].time_out.after = Seconds(2);
    CHECK(ends(simulation) == "x2 6");
    simulation.classes[1].time_out.after = Seconds(4);
    const Recorded recorded = run(simulation);
    CHECK(ends(recorded) == "x2 x4");
    CHECK(recorded.run.duration == Seconds(4));
    CHECK(recorded.run.tiers[1].busy.si() == doctest::Approx(4));
  }
}

TEST_CASE("time-outs: in a closed loop, the next request follows") {
  // 5 s each. Request 0 gives up at 2; request 1 comes at 3 and waits until 5; 2 comes at 6.
  const Schedule arrivals({0}, 1);
  Simulation simulation = system_of(1, {}, {asks(arrivals, {5})});
  simulation.classes[0].closed_loop = true;
  simulation.classes[0].time_out.after = Seconds(2);
  simulation.stop.requests = 3;
  CHECK(ends(simulation) == "x2 x5 x8");
}

TEST_CASE("time-outs: work for a request that gave up may fail, without a failure of it") {
  const Times arrivals{{0}};
  Simulation simulation = at_one_machine(arrivals, 2);
  simulation.tiers[1].faults.outages = {{0, Seconds(3), Seconds(10)}};
  simulation.stop = {.after = Seconds(20)};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "x2");
  CHECK(recorded.requests.at(0).failures == 0);
  CHECK(recorded.run.tiers[1].lost == 1);
  CHECK(recorded.run.tiers[1].busy == Seconds(3));
}

TEST_CASE("time-outs: impatience changes nothing for those who are served in time") {
  const Times arrivals{{0, 1, 2, 6}};
  const Recorded without = run(at_one_machine(arrivals, 1e6));
  for (const Counts counts : {Counts::unanswered, Counts::unstarted, Counts::waiting}) {
    const Recorded recorded = run(at_one_machine(arrivals, 1e3, counts));
    CHECK(ends(recorded) == ends(without));
    CHECK(recorded.run.duration == without.run.duration);
  }
}

}  // namespace offcut::engine::time_outs_test
