// Policies predict the mean over the ways of requests that may leave at an exit.

#include "sim/engine/core/exit_families.h"

#include <fmt/format.h>

#include "../recorded.h"

namespace offcut::engine::exit_families_test {
namespace {

/// Requests send 10 bytes at 1 B/s, and leave after 1 s, 2 s or 4 s of computing on the server; a
/// batch of two takes half as long again.
Simulation with_exits(const workload::Arrivals& arrivals, std::vector<double> odds) {
  Simulation simulation = OneClass{
      .tiers = {{.name = "device"}, {.name = "server", .used = true}},
      .hops = {{.name = "hop", .hop = hop(1, 1, 0), .goes_up = true, .up_bytes = Bytes(10)}},
      .arrivals = &arrivals,
      .stop = {.requests = 4}};
  const Itinerary whole = simulation.itineraries.front();
  simulation.itineraries.clear();
  ExitFamily family{.odds = std::move(odds)};
  for (const double seconds : {1.0, 2.0, 4.0}) {
    const auto way = static_cast<std::uint16_t>(family.itineraries.size());
    Itinerary itinerary = whole;
    itinerary.stages[1].service = {Seconds(seconds), Seconds(1.5 * seconds)};
    itinerary.exit = {0, way};
    family.itineraries.push_back(simulation.itineraries.size());
    family.names.push_back(fmt::format("exit{}", way));
    simulation.itineraries.push_back(std::move(itinerary));
  }
  simulation.exit_families.push_back(std::move(family));
  return simulation;
}

}  // namespace

TEST_CASE("exit families: policies predict the mean over the ways") {
  const Schedule arrivals({0});
  const Simulation simulation = with_exits(arrivals, {0.5, 0.25, 0.25});
  const Legs legs(simulation);
  for (const Itinerary& itinerary : simulation.itineraries) {
    Route route = route_of(simulation, legs, itinerary);
    predict_ways(simulation, route);
    CHECK(route.predicted[1].si() == about(0.5 + 0.5 + 1));
    CHECK(route.predicted_least[1] == route.predicted[1]);  // Without batches.
  }
  CHECK(error_in_families(simulation).empty());
}

TEST_CASE("exit families: only the ways that reach a tier count there") {
  const Schedule arrivals({0});
  Simulation simulation = with_exits(arrivals, {0.5, 0.25, 0.25});
  simulation.itineraries[0].stages[1].used = false;
  simulation.itineraries[0].crossings[0].goes_up = false;
  const Legs legs(simulation);
  Route route = route_of(simulation, legs, simulation.itineraries[2]);
  predict_ways(simulation, route);
  CHECK(route.predicted[1].si() == about((2 * 0.25 + 4 * 0.25) / 0.5));
}

TEST_CASE("exit families: errors") {
  const Schedule arrivals({0});
  CHECK(error_in_families(with_exits(arrivals, {0.5, 0.25, 0.5})) ==
        "the ways of a network with exits must have names, and odds that add up to 1");
  Simulation other = with_exits(arrivals, {0.5, 0.25, 0.25});
  other.itineraries[1].exit = {};
  CHECK(error_in_families(other) ==
        "a way of a network with exits must be an itinerary that names it");
}

}  // namespace offcut::engine::exit_families_test
