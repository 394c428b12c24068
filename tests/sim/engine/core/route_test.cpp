// The predictions that a plan makes for a request on its way.

#include "sim/engine/core/route.h"

#include <doctest/doctest.h>

#include "../small_systems.h"

namespace offcut::engine::route_test {
namespace {

/// 1 s on the device, 2 on the edge, 4 in the cloud, and 0.5 on the device in the end. Up 10 B at
/// 2 B/s (the site's link) and 1 s, then 20 B at 10 B/s and 0.5 s; down 6 B at 3 B/s and 0.5 s,
/// then 4 B at 2 B/s (the device's own) and 1 s.
Simulation three_tiers(const workload::Arrivals& arrivals) {
  const auto rate = [](double bytes) { return BytesPerSecond(bytes); };
  Simulation simulation;
  simulation.tiers = {{.name = "device"}, {.name = "edge"}, {.name = "cloud"}};
  simulation.hops = {{.name = "near",
                      .hop = {rate(5), rate(2), Seconds(1)},
                      .site = Link::Uplink{1, rate(2), rate(8)}},
                     {.name = "far", .hop = {rate(10), rate(3), Seconds(0.5)}}};
  simulation.classes = {{.arrivals = &arrivals}};
  simulation.itineraries = {
      {.stages = {{.used = true, .service = {Seconds(1)}, .tail = Seconds(0.5)},
                  {.used = true, .service = {Seconds(2), Seconds(3)}},
                  {.used = true, .service = {Seconds(4)}}},
       .crossings = {
           {.goes_up = true, .up_bytes = Bytes(10), .comes_down = true, .down_bytes = Bytes(4)},
           {.goes_up = true, .up_bytes = Bytes(20), .comes_down = true, .down_bytes = Bytes(6)}}}};
  simulation.stop.requests = 1;
  return simulation;
}

}  // namespace

TEST_CASE("route: the time that remains after each tier") {
  const Times arrivals{{0}};
  const Simulation simulation = three_tiers(arrivals);
  const Legs legs(simulation);
  const Route route = route_of(simulation, legs, simulation.itineraries[0]);
  CHECK(route.farthest == 2);
  CHECK(route.answer == 2);
  REQUIRE(route.rest.size() == 3);
  CHECK(route.rest[2].si() == doctest::Approx(2.5 + 3 + 0.5));
  CHECK(route.rest[1].si() == doctest::Approx(6 + 2.5 + 4));
  CHECK(route.rest[0].si() == doctest::Approx(12.5 + 6 + 2));
  // In an idle system, the prediction is exact.
  CHECK(run(simulation).requests[0].latency().si() == doctest::Approx(1 + route.rest[0].si()));
}

TEST_CASE("route: an answer from a tier in between does not wait for layers beyond it") {
  const Times arrivals{{0}};
  Simulation simulation = three_tiers(arrivals);
  simulation.itinerary_of(0).crossings[1].comes_down = false;
  const Legs legs(simulation);
  const Route route = route_of(simulation, legs, simulation.itineraries[0]);
  CHECK(route.farthest == 2);
  CHECK(route.answer == 1);
  CHECK(route.rest[2].si() == doctest::Approx(3.5));
}

TEST_CASE("route: a tier may only relay, and a request may stay on its device") {
  const Times arrivals{{0}};
  Simulation simulation = three_tiers(arrivals);
  Itinerary& itinerary = simulation.itineraries[0];
  itinerary.stages[1].used = false;
  const Legs legs(simulation);
  CHECK(route_of(simulation, legs, itinerary).farthest == 2);
  CHECK(route_of(simulation, legs, itinerary).rest[0].si() == doctest::Approx(12.5 + 6));
  itinerary.stages[2].used = false;
  itinerary.crossings = {{}, {}};
  const Route home = route_of(simulation, legs, itinerary);
  CHECK(home.farthest == 0);
  CHECK(home.answer == 0);
  CHECK(home.rest[0] == Seconds(0.5));
}

}  // namespace offcut::engine::route_test
