// Requests that go to another site or to the next tier, and machines and links that fail for good.
// Times are in seconds; messages of 10 B take 10 s over a link of 1 B/s.

#include <doctest/doctest.h>

#include <cmath>
#include <sstream>
#include <string>

#include "../small_systems.h"

namespace offcut::engine::failover_test {
namespace {

using Then = network::FailurePolicy::Then;

network::Outage outage(double from, double until, std::size_t which = 0) {
  return {which, Seconds(from), Seconds(until)};
}
network::Outage for_good(double from, std::size_t which = 0) {
  return {which, Seconds(from), kNever};
}

/// Returns two devices with a site each on the edge, on which messages of 10 B are computed in 5 s.
Simulation at_two_sites(const workload::Arrivals& arrivals, std::vector<network::Outage> outages,
                        std::size_t servers = 2) {
  Tier tier{.servers = servers, .sites = 2};
  tier.faults.outages = std::move(outages);
  Simulation simulation = system_of(2, tier, {asks(arrivals, {5}, 10)});
  simulation.classes[0].failures.then = Then::other_site;
  return simulation;
}

/// Returns one device whose messages of 10 B the edge computes in 5 s, or else the cloud in 2 s,
/// over a hop of 5 B/s.
Simulation over_two_tiers(const workload::Arrivals& arrivals, network::Outage at_edge) {
  Simulation simulation = system_of(1, {}, {asks(arrivals, {5}, 10)});
  simulation.tiers[1].faults.outages = {at_edge};
  simulation.tiers.push_back({.name = "cloud"});
  const BytesPerSecond rate(5);
  simulation.hops.push_back({.name = "wan", .hop = {rate, rate, Seconds(0)}, .shared = true});
  Itinerary& planned = simulation.itineraries[0];
  planned.stages.emplace_back();
  planned.crossings.emplace_back();
  Itinerary without = planned;
  without.stages[1] = {};
  without.stages[2] = {.used = true, .service = {Seconds(2)}};
  without.crossings[1] = {.goes_up = true, .up_bytes = Bytes(10)};
  planned.failover = {std::nullopt, 1};
  simulation.itineraries.push_back(without);
  simulation.classes[0].failures.then = Then::next_tier;
  return simulation;
}

/// Arrivals whose messages have 20 B, whatever the plan says.
class Of20Bytes final : public Times {
 public:
  using Times::Times;
  bool has_details() const override { return true; }
  workload::RequestDetail detail(const workload::ArrivalSource& /*source*/) const override {
    return {.bytes = Bytes(20)};
  }
};

std::string reason(const Recorded& recorded, std::size_t request) {
  return recorded.run.drops.at(recorded.requests.at(request).reason).reason;
}

}  // namespace

TEST_CASE("failover: the message is sent again, to another site") {
  // Sent until 10, lost at 12; sent again until 22, and computed at the other site until 27.
  const Times arrivals{{0}, {}};
  const Recorded recorded = run(at_two_sites(arrivals, {outage(12, 100)}));
  CHECK(ends(recorded) == "27");
  const RequestRecord& r = recorded.requests[0];
  CHECK(r.failover == Failover::other_site);
  CHECK(r.lost == Seconds(2));
  CHECK(r.upload == Seconds(20));
  CHECK(r.server_compute == Seconds(5));
  CHECK(r.failures == 1);
  CHECK(!r.fell_back);
  // The site is found down at 10.
  CHECK(ends(at_two_sites(arrivals, {outage(5, 100)})) == "25");
}

TEST_CASE("failover: the site that computes a request chooses the server") {
  // All four are computed at the second site, whose two servers take turns: one from 1 to 6 and to
  // 11, the other from 2 to 7 and to 12. With a turn for each device's site, 1 and 2 would meet.
  const Times arrivals{{1, 3}, {2, 4}};
  Tier tier{.servers = 4,
            .scheduling = {.dispatch = choose(scheduling::dispatch(), "round-robin")},
            .sites = 2};
  tier.faults.outages = {outage(0.5, 100, 0), outage(0.5, 100, 1)};
  Simulation simulation = system_of(2, tier, {asks(arrivals, {5})});
  simulation.classes[0].failures.then = Then::other_site;
  CHECK(ends(simulation) == "6 7 11 12");
}

TEST_CASE("failover: a message of its own size keeps it") {
  // Sent until 20, lost at 22, sent again until 42, and computed until 47.
  const Of20Bytes arrivals{{0}, {}};
  CHECK(ends(at_two_sites(arrivals, {outage(22, 100)})) == "47");
  // Sent until 20, passed on until 24, and computed until 26.
  CHECK(ends(over_two_tiers(arrivals, for_good(5))) == "26");
}

TEST_CASE("failover: a tier that only hands requests over passes on messages of their own size") {
  // Sent until 20, handed over until 23, passed on until 27 or, with 10 B, 25, and computed in 2 s.
  const Of20Bytes arrivals{{0}};
  Simulation simulation = over_two_tiers(arrivals, outage(90, 100));
  Itinerary& planned = simulation.itineraries[1];
  planned.stages[1] = {.used = true, .service = {Seconds(3)}, .has_layers = false};
  simulation.itineraries = {planned};
  CHECK(ends(simulation) == "29");
  simulation.itineraries[0].stages[1].has_layers = true;
  CHECK(ends(simulation) == "27");
}

TEST_CASE("failover: retries come before another site") {
  const Times arrivals{{0}, {}};
  Simulation simulation = at_two_sites(arrivals, {outage(12, 100)});
  simulation.classes[0].failures.retries = 1;
  simulation.classes[0].failures.backoff = Seconds(3);
  CHECK(ends(simulation) == "30");  // Sent again at 15.
}

TEST_CASE("failover: without another site, the request waits for its own") {
  const Times arrivals{{0}, {}};
  CHECK(ends(at_two_sites(arrivals, {outage(12, 40), outage(1, 50, 1)})) == "45");
  // Its own does not come up again: when the other one does, its message is sent there until 60.
  CHECK(ends(at_two_sites(arrivals, {for_good(12), outage(1, 50, 1)})) == "65");
  const Recorded recorded = run(at_two_sites(arrivals, {for_good(12), for_good(1, 1)}));
  CHECK(ends(recorded) == "x12");
  CHECK(reason(recorded, 0) == "edge failed");
}

TEST_CASE("failover: another machine of the same site comes first, without a message") {
  const Times arrivals{{0}, {}};
  CHECK(ends(at_two_sites(arrivals, {outage(12, 100)}, 4)) == "17");
}

TEST_CASE("failover: a device and a link have no other") {
  const Times arrivals{{0}, {}};
  Simulation simulation = at_two_sites(arrivals, {});
  simulation.hops[0].faults.outages = {outage(4, 7)};
  CHECK(ends(simulation) == "22");
  simulation.tiers[0].faults.outages = {outage(0, 3)};
  simulation.hops[0].faults.outages = {};
  simulation.itinerary_of(0).stages[0] = {.used = true, .service = {Seconds(2)}};
  CHECK(ends(simulation) == "20");  // Computed from 3 to 5, sent until 15.
}

TEST_CASE("failover: the next tier computes what its predecessor can't") {
  // Sent until 10, lost at 12; the edge passes its message on until 14; computed until 16.
  const Times arrivals{{0}};
  const Recorded recorded = run(over_two_tiers(arrivals, outage(12, 100)));
  CHECK(ends(recorded) == "16");
  CHECK(recorded.requests[0].failover == Failover::next_tier);
  CHECK(recorded.requests[0].lost == Seconds(2));
  CHECK(recorded.requests[0].upload == Seconds(12));
  CHECK(recorded.run.tiers[1].served == 0);
  CHECK(recorded.run.tiers[2].served == 1);
  CHECK(ends(over_two_tiers(arrivals, for_good(5))) == "14");
  CHECK(ends(over_two_tiers(arrivals, outage(16, 20))) == "15");
  // The last tier has none after it: lost at 14.5, computed from 20 on.
  Simulation simulation = over_two_tiers(arrivals, outage(12, 100));
  simulation.tiers[2].faults.outages = {outage(14.5, 20)};
  CHECK(ends(simulation) == "22");
  simulation.itineraries[0].failover.clear();
  CHECK(ends(simulation) == "105");
}

TEST_CASE("failover: an itinerary that does not go on is refused") {
  const Times arrivals{{0}};
  const char* message =
      "class all: a failover must name an itinerary that goes up from the tier without using it";
  for (const std::size_t number : {std::size_t{0}, std::size_t{7}}) {
    Simulation simulation = over_two_tiers(arrivals, outage(12, 100));
    simulation.itineraries[0].failover = {std::nullopt, number};
    CHECK_THROWS_WITH(simulate(simulation, {}), message);
  }
}

TEST_CASE("failures: for good, what waits for a machine is dropped") {
  const Times arrivals{{0, 1, 7}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {5})});
  simulation.tiers[1].faults.outages = {for_good(3)};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "x3 x3 x7");
  CHECK(reason(recorded, 0) == "edge failed");
  CHECK(events(simulation) == "3 machine_down 1.0\n");
  // They already wait when the outage becomes one without an end.
  simulation.tiers[1].faults.outages = {outage(2, 6)};
  simulation.tiers[1].faults.exponential.reset();
  CHECK(ends(simulation) == "11 16 21");
  simulation.tiers[1].faults.outages = {outage(2, 6), for_good(6.5)};
  CHECK(ends(simulation) == "x6.5 x6.5 x7");
}

TEST_CASE("failures: for good, the other machine of a site goes on") {
  const Times arrivals{{3}};
  Simulation simulation = system_of(1, {.servers = 2}, {asks(arrivals, {5})});
  simulation.tiers[1].faults.outages = {for_good(1), outage(2, 9, 1)};
  CHECK(ends(simulation) == "14");
  simulation.tiers[1].faults.outages.push_back(for_good(10, 1));
  CHECK(ends(simulation) == "x10");
}

TEST_CASE("failures: for good, a link and a device") {
  const Times arrivals{{0, 20}};
  Simulation simulation = system_of(1, {}, {asks(arrivals, {5}, 10)});
  simulation.hops[0].faults.outages = {for_good(12)};
  const Recorded recorded = run(simulation);
  CHECK(ends(recorded) == "15 x20");
  CHECK(reason(recorded, 1) == "hop failed");
  set_fallback(simulation, 0, Seconds(8));
  simulation.classes[0].failures.then = Then::local;
  CHECK(ends(simulation) == "15 28");
  simulation.tiers[0].faults.outages = {for_good(22)};
  const Recorded on_device = run(simulation);
  CHECK(ends(on_device) == "15 x22");
  CHECK(reason(on_device, 1) == "device failed");
}

TEST_CASE("failures: for good, each machine fails once, after an exponential time") {
  // The mean of n exponential times of mean m has the standard deviation m / sqrt(n).
  constexpr std::size_t kMachines = 2000;
  const Times arrivals{{}};
  Simulation simulation = system_of(1, {.servers = kMachines}, {asks(arrivals, {1})});
  simulation.tiers[1].faults.exponential = network::Faults::Exponential{Seconds(3), kNever};
  simulation.stop = {.after = Seconds(1000)};
  std::istringstream lines(events(simulation));
  double sum = 0;
  std::size_t count = 0;
  for (std::string time, kind, component; lines >> time >> kind >> component; ++count) {
    CHECK(kind == "machine_down");
    sum += std::stod(time);
  }
  CHECK(count == kMachines);
  CHECK(sum / kMachines == doctest::Approx(3).epsilon(5 / std::sqrt(double{kMachines})));
}

}  // namespace offcut::engine::failover_test
