// Queues, cores, dispatch and sites. Times are in seconds.

#include <doctest/doctest.h>

#include "../small_systems.h"

namespace offcut::engine::queues_test {
namespace {

Tier served_by(const std::string& queue) {
  return {.scheduling = {.queue = choose(scheduling::queues(), queue)}};
}

}  // namespace

TEST_CASE("queues: edf serves the earliest deadline first, and requests without one last") {
  // 10 s each. Request 0 is served at once; of the others, at 10 the last one is due first (22),
  // then that of 1 (101), then the one without a deadline.
  const Times late{{0, 1}}, never{{0.5}}, soon{{2}};
  std::vector<PlannedClass> classes = {asks(late, {10}), asks(never, {10}), asks(soon, {10})};
  classes[0].deadline = Seconds(100);
  classes[2].deadline = Seconds(20);
  const Recorded recorded = run(system_of(1, served_by("edf"), classes));
  CHECK(ends(recorded) == "10 40 30 20");
  // All deadlines are kept: the last request is due at 22.
  CHECK(recorded.run.classes[0].late == 0);
  CHECK(recorded.run.classes[1].late == 0);
  CHECK(recorded.run.classes[2].late == 0);
}

TEST_CASE("queues: sjf serves the shortest first") {
  // Long ones at 0 and 1, short ones at 2 and 3: the first long one until 5, both short ones, and
  // then the other long one.
  const Times longs{{0, 1}}, shorts{{2, 3}};
  CHECK(ends(system_of(1, served_by("sjf"), {asks(longs, {5}), asks(shorts, {1})})) == "5 12 6 7");
}

TEST_CASE("queues: lifo serves the latest request first, without preemption") {
  const Times arrivals{{0, 1, 2, 3}};
  CHECK(ends(system_of(1, served_by("lifo"), {asks(arrivals, {10})})) == "10 40 30 20");
}

TEST_CASE("queues: priority serves the urgent class first, each in the order of arrival") {
  const Times others{{0, 1, 2}}, urgent{{3, 4}};
  std::vector<PlannedClass> classes = {asks(others, {10}), asks(urgent, {10})};
  classes[0].priority = 1;
  CHECK(ends(system_of(1, served_by("priority"), classes)) == "10 40 50 20 30");
}

TEST_CASE("queues: fair lets the one request of a device pass the many of another") {
  // Device 0 sends at 0, 1, 2 and 3, device 1 at 4. Round 0 has the first requests of both.
  const Times arrivals{{0, 1, 2, 3}, {4}};
  CHECK(ends(system_of(2, served_by("fair"), {asks(arrivals, {10})})) == "10 30 40 50 20");
  CHECK(ends(system_of(2, served_by("fifo"), {asks(arrivals, {10})})) == "10 20 30 40 50");
}

TEST_CASE("queues: a device's own queue has an order, too") {
  // As lifo above, but computed on the device.
  const Times arrivals{{0, 1, 2, 3}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {1})});
  simulation.tiers = {served_by("lifo")};
  simulation.hops.clear();
  simulation.itinerary_of(0).crossings.clear();
  simulation.itinerary_of(0).stages = {{.used = true, .service = {Seconds(10)}}};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "10 40 30 20");
  CHECK(recorded.requests[1].device_wait == Seconds(29));
}

TEST_CASE("cores: a server computes one request per core at once") {
  // Two cores of one server: the third request waits for the first one's core until 10, the fourth
  // for the other one until 11.
  const Times arrivals{{0, 1, 2, 3}};
  const Recorded recorded = run(system_of(1, {.cores = 2}, {asks(arrivals, {10})}));
  CHECK(ends(recorded) == "10 11 20 21");
  CHECK(recorded.run.tiers[1].servers == 2);
  CHECK(recorded.run.tiers[1].busy == Seconds(40));
  CHECK(recorded.run.tiers[1].waited == Seconds(16));
  CHECK(recorded.run.tiers[1].batches == 4);
}

TEST_CASE("processor sharing: two requests have half of a core each") {
  // 10 s of work each. The first one is alone until 4 and has 6 s left, which take until 16; the
  // second one has got 6 s then, and its other 4 take until 20.
  const Times arrivals{{0, 4}};
  for (const bool own : {true, false}) {
    Simulation simulation = system_of(1, served_by("processor-sharing"), {asks(arrivals, {10})});
    simulation.own_links = own;
    const Recorded recorded = run(simulation);
    CHECK(ends(recorded) == "16 20");
    CHECK(recorded.requests[0].server_compute.si() == doctest::Approx(10));
    CHECK(recorded.requests[0].server_wait.si() == doctest::Approx(6));
    CHECK(recorded.run.tiers[1].busy.si() == doctest::Approx(20));
  }
}

TEST_CASE("processor sharing: no request is faster than one core") {
  // 2, 4 and 6 s of work on two cores: 2/3 of a core each until the first ends at 3. The others
  // have got 2 s then, and have a core each: until 5 and 7.
  const Times a{{0}}, b{{0}}, c{{0}};
  for (const bool own : {true, false}) {
    Tier tier = served_by("processor-sharing");
    tier.cores = 2;
    Simulation simulation = system_of(1, tier, {asks(a, {2}), asks(b, {4}), asks(c, {6})});
    simulation.own_links = own;
    const Recorded recorded = run(simulation);
    CHECK(ends(recorded) == "3 5 7");
    CHECK(recorded.run.tiers[1].busy.si() == doctest::Approx(12));
    CHECK(recorded.run.tiers[1].waited.si() == doctest::Approx(1 + 1 + 1));
  }
}

TEST_CASE("dispatch: a request stays with its server, though another one is idle") {
  // In turn: the first (10 s) and the third go to server 0; server 1 is idle from 2 on.
  const Times longs{{0}}, shorts{{1, 2}};
  Tier tier{.servers = 2,
            .scheduling = {.dispatch = choose(scheduling::dispatch(), "round-robin")}};
  CHECK(ends(system_of(1, tier, {asks(longs, {10}), asks(shorts, {1})})) == "10 2 11");
  tier.scheduling = {};  // One queue for both.
  CHECK(ends(system_of(1, tier, {asks(longs, {10}), asks(shorts, {1})})) == "10 2 3");
}

TEST_CASE("dispatch: shortest-queue counts requests, least-work their time") {
  // At 0 a request of 10 s, at 1 and 2 one of 2 s. By number, the third goes to any of the servers,
  // which have one each; by time, to the one that is done at 3.
  const Times longs{{0}}, shorts{{1, 2, 2.5}};
  Tier tier{.servers = 2, .scheduling = {.dispatch = choose(scheduling::dispatch(), "least-work")}};
  CHECK(ends(system_of(1, tier, {asks(longs, {10}), asks(shorts, {2})})) == "10 3 5 7");
  // A third server gets the third request by either rule; the fourth comes when two have one.
  tier.servers = 4;
  tier.scheduling.dispatch = choose(scheduling::dispatch(), "shortest-queue");
  CHECK(ends(system_of(1, tier, {asks(longs, {10}), asks(shorts, {2})})) == "10 3 4 4.5");
}

TEST_CASE("sites: a device is served at its own site only") {
  // Devices 0 and 1 at the first of two sites, 2 and 3 at the other one, which nobody uses before
  // 30. 10 s each.
  const Times arrivals{{0}, {1}, {}, {30}};
  CHECK(ends(system_of(4, {.servers = 2, .sites = 2}, {asks(arrivals, {10})})) == "10 20 40");
  CHECK(ends(system_of(4, {.servers = 2}, {asks(arrivals, {10})})) == "10 11 40");
}

TEST_CASE("sites: the last sites are the ones that are not full") {
  // Three devices, two sites: the devices 0 and 1 share theirs.
  const Times arrivals{{0}, {1}, {2}};
  CHECK(ends(system_of(3, {.servers = 2, .sites = 2}, {asks(arrivals, {10})})) == "10 20 12");
}

TEST_CASE("sites: dispatch sees the servers of the device's own site") {
  // Two servers at each site. Requests of 10 s at 0, 1 and 2 of the first site: the third goes to
  // the server that has 8 s left and not to that with 9, nor to the other site.
  const Times arrivals{{0, 2}, {1}, {}, {5}};
  const Tier tier{.servers = 4,
                  .scheduling = {.dispatch = choose(scheduling::dispatch(), "round-robin")},
                  .sites = 2};
  const Simulation simulation = system_of(4, tier, {asks(arrivals, {10})});
  CHECK(ends(simulation) == "10 11 20 15");
  CHECK(decisions(simulation) ==
        "0: 0 to 1.0, 0+0 0 s, 0+0 0 s\n"
        "1: 1 to 1.1, 0+1 9 s, 0+0 0 s\n"
        "2: 2 to 1.0, 0+1 8 s, 0+1 9 s\n"
        "5: 3 to 1.2, 0+0 0 s, 0+0 0 s\n");
}

TEST_CASE("admission: a full queue rejects requests, and decisions show its state") {
  // Two servers in turn, 10 s each, one place to wait at each.
  const Times arrivals{{0, 1, 2, 3, 4, 5}};
  const Tier tier{.servers = 2,
                  .scheduling = {.dispatch = choose(scheduling::dispatch(), "round-robin"),
                                 .admission = choose(scheduling::admission(), "bounded-queue",
                                                     {{"capacity", 1}})}};
  const Simulation simulation = system_of(1, tier, {asks(arrivals, {10})});
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "10 11 20 21 x4 x5");
  CHECK(recorded.run.tiers[1].rejected == 2);
  CHECK(recorded.run.dropped == 2);
  REQUIRE(recorded.run.drops.size() == 2);
  CHECK(recorded.run.drops[0].reason == "edge rejects");
  CHECK(recorded.run.drops[0].requests == 2);
  CHECK(recorded.requests[5].reason == 0);
  CHECK(decisions(simulation) ==
        "0: 0 to 1.0, 0+0 0 s, 0+0 0 s\n"
        "1: 1 to 1.1, 0+1 9 s, 0+0 0 s\n"
        "2: 2 to 1.0, 0+1 8 s, 0+1 9 s\n"
        "3: 3 to 1.1, 1+1 17 s, 0+1 8 s\n"
        "4: 4 rejected by 1.0, 1+1 16 s, 1+1 17 s\n"
        "5: 5 rejected by 1.1, 1+1 15 s, 1+1 16 s\n");
}

TEST_CASE("admission: deadline rejects requests that would be late, including the answer's time") {
  // 4 s of service and an answer of 2 B at 1 B/s: 6 s in an idle system. Due after 9: the second
  // one would wait 3 and be in time to the second, the third would wait 6.
  const Times arrivals{{0, 1, 2}};
  Simulation simulation =
      system_of(1, {.scheduling = {.admission = choose(scheduling::admission(), "deadline")}},
                {asks(arrivals, {4})});
  simulation.classes[0].deadline = Seconds(9);
  simulation.itinerary_of(0).crossings[0].comes_down = true;
  simulation.itinerary_of(0).crossings[0].down_bytes = Bytes(2);
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "6 10 x2");
  CHECK(recorded.run.classes[0].late == 0);
}

}  // namespace offcut::engine::queues_test
