// Events that happen at one time, in the order in which they were scheduled (docs/engine.md). Times
// are in seconds; messages of 10 B take 10 s over a link of 1 B/s.

#include <doctest/doctest.h>

#include <stdexcept>

#include "../small_systems.h"

namespace offcut::engine::same_time_test {
namespace {

using Counts = TimeOut::Counts;

/// Returns devices whose requests without bytes are computed in 5 s by one machine.
Simulation at_one_machine(const workload::Arrivals& arrivals, std::size_t devices = 1) {
  return system_of(devices, {}, {asks(arrivals, {5})});
}

}  // namespace

TEST_CASE("same time: a request whose patience ends with its answer has given up") {
  const Times one{{0}};
  Simulation simulation = at_one_machine(one);
  simulation.classes[0].time_out = {Seconds(5), Counts::unanswered};
  CHECK(ends(simulation) == "x5");
  simulation.classes[0].time_out.after = Seconds(5.25);
  CHECK(ends(simulation) == "5");
}

TEST_CASE("same time: a request whose patience ends when its computation begins is computed") {
  // The machine's first computation was there before the second request began to wait.
  const Times two{{0, 1}};
  Simulation simulation = at_one_machine(two);
  for (const Counts counts : {Counts::waiting, Counts::unstarted}) {
    simulation.classes[0].time_out = {Seconds(4), counts};
    CHECK(ends(simulation) == "5 10");
    simulation.classes[0].time_out.after = Seconds(3.75);
    CHECK(ends(simulation) == "5 x4.75");
  }
}

TEST_CASE("same time: patience that ends while the machine is down, or when it comes up") {
  // The machine is down from 2 to 6, and the request, lost at 2, goes on at 6.
  const Times one{{0}};
  Simulation simulation = at_one_machine(one);
  simulation.tiers[1].faults.outages = {{0, Seconds(2), Seconds(6)}};
  CHECK(ends(simulation) == "11");
  simulation.classes[0].time_out = {Seconds(4), Counts::unanswered};
  CHECK(ends(simulation) == "x4");
  // The outage was known before the request came: the machine is up first, and then its patience
  // ends.
  for (const Counts counts : {Counts::unanswered, Counts::unstarted}) {
    simulation.classes[0].time_out = {Seconds(6), counts};
    CHECK(ends(simulation) == (counts == Counts::unanswered ? "x6" : "11"));
  }
  simulation.classes[0].time_out = {Seconds(8), Counts::unanswered};
  CHECK(ends(simulation) == "x8");
  // Nobody waits in a queue here: being lost and waiting for a machine is no patience.
  simulation.classes[0].time_out = {Seconds(0.5), Counts::waiting};
  CHECK(ends(simulation) == "11");
}

TEST_CASE("same time: an outage loses what would end when it begins") {
  const Times one{{0}};
  Simulation simulation = at_one_machine(one);
  simulation.tiers[1].faults.outages = {{0, Seconds(5), Seconds(6)}};
  CHECK(ends(simulation) == "11");
  simulation.tiers[1].faults.outages = {{0, Seconds(5.25), Seconds(6)}};
  CHECK(ends(simulation) == "5");
  // The same for the last bit of a message, but not for one that has left its link.
  simulation = system_of(1, {}, {asks(one, {1}, 10)});
  simulation.hops[0].faults.outages = {{0, Seconds(10), Seconds(12)}};
  CHECK(ends(simulation) == "23");
  simulation.hops[0].faults.outages = {{0, Seconds(10.25), Seconds(12)}};
  simulation.hops[0].hop.latency = Seconds(1);
  CHECK(ends(simulation) == "12");
}

TEST_CASE("same time: an attempt succeeds when the outage ends") {
  // The message is lost at 1, and sent again at 3, when its link is up, until 13.
  const Times one{{0}};
  Simulation simulation = system_of(1, {}, {asks(one, {1}, 10)});
  simulation.hops[0].faults.outages = {{0, Seconds(1), Seconds(3)}};
  simulation.classes[0].failures = {
      .retries = 1, .backoff = Seconds(2), .then = network::FailurePolicy::Then::drop};
  CHECK(ends(simulation) == "14");
  simulation.classes[0].failures.backoff = Seconds(1.75);
  CHECK(ends(simulation) == "x2.75");
}

TEST_CASE("same time: the retries of the way up do not count on the way down") {
  // Sent from 0, lost at 1, again from 3 to 13; computed until 14; the answer of 4 B is lost at 15,
  // and sent again from 17 to 21.
  const Times one{{0}};
  Simulation simulation = system_of(1, {}, {asks(one, {1}, 10)});
  Crossing& crossing = simulation.itinerary_of(0).crossings[0];
  crossing.comes_down = true;
  crossing.down_bytes = Bytes(4);
  simulation.hops[0].faults.outages = {{0, Seconds(1), Seconds(2)}, {0, Seconds(15), Seconds(16)}};
  simulation.classes[0].failures = {
      .retries = 1, .backoff = Seconds(2), .then = network::FailurePolicy::Then::drop};
  CHECK(ends(simulation) == "21");
  simulation.hops[0].faults.outages.push_back({0, Seconds(18), Seconds(19)});
  CHECK(ends(simulation) == "x18");
}

TEST_CASE("same time: a batch whose delay is over when its last request arrives") {
  // The delay was scheduled with the first request, and the message of the third one, even without
  // bytes, only when it arrives: the batch starts without it.
  const auto system = [](const Times& arrivals, std::size_t devices, double delay) {
    Simulation simulation = system_of(devices, {}, {asks(arrivals, {1, 1, 1})});
    simulation.tiers[1].scheduling.batching =
        choose(scheduling::batching(), "timeout", {{"max", 3}, {"delay", delay}});
    return simulation;
  };
  const Times from_one{{0, 1, 2}}, from_each{{0}, {1}, {2}};
  CHECK(ends(system(from_one, 1, 2)) == "3 3 5");
  CHECK(ends(system(from_each, 3, 2)) == "3 3 5");
  CHECK(ends(system(from_one, 1, 2.25)) == "3 3 3");
  CHECK(ends(system(from_each, 3, 2.25)) == "3 3 3");
}

TEST_CASE("same time: a run that stops when a request arrives or is answered") {
  // An answer at the end of the run is too late. The first arrivals are scheduled before the end.
  const Times first{{5}}, second{{0, 5}};
  Simulation simulation = at_one_machine(first);
  simulation.stop = {.after = Seconds(5)};
  CHECK(ends(simulation) == "-");
  simulation = at_one_machine(second);
  simulation.stop = {.after = Seconds(5)};
  simulation.classes[0].deadline = Seconds(5);
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "-");
  CHECK(recorded.run.in_flight_late == 0);
  CHECK(recorded.run.in_flight_age == Seconds(5));
  simulation.stop.after = Seconds(5.25);
  CHECK(ends(simulation) == "5 -");
}

TEST_CASE("same time: models that fill a memory exactly are not loaded, one byte more is") {
  const Times first{{0}, {}}, second{{}, {10}};
  for (const double more : {0.0, 1.0}) {
    Simulation simulation = system_of(2, {}, {asks(first, {5}), asks(second, {5})});
    simulation.tiers[1].memory = Bytes(100);
    simulation.tiers[1].load = BytesPerSecond(41);
    simulation.itinerary_of(0).stages[1].model = Bytes(60);
    simulation.itinerary_of(1).stages[1].model = Bytes(40 + more);
    const Recorded recorded = run(simulation);
    CHECK(ends(recorded) == (more > 0 ? "5 16" : "5 15"));
    CHECK(recorded.run.tiers[1].loads == (more > 0 ? 1 : 0));
  }
  Simulation simulation = system_of(1, {}, {asks(first, {5})});
  simulation.tiers[1].memory = Bytes(100);
  simulation.itinerary_of(0).stages[1].model = Bytes(100);
  CHECK(ends(simulation) == "5");
  simulation.itinerary_of(0).stages[1].model = Bytes(101);
  CHECK_THROWS_AS(simulate(simulation, {}), std::invalid_argument);
}

}  // namespace offcut::engine::same_time_test
