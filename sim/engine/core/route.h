#pragma once

#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// An itinerary as the requests of one class follow it, with the figures derived from it.
struct Route {
  const Itinerary* itinerary = nullptr;
  std::size_t number = 0;  // among the routes of a run, in the order of their first use
  std::size_t request_class = 0;
  std::size_t farthest = 0;    // tier that they go out to
  std::size_t answer = 0;      // tier from which the answer comes back
  std::vector<Seconds> rest;   // by tier: how long all takes that follows computing there, if idle
  std::vector<Seconds> least;  // by tier: what computing one takes of a core, in the best batch

  const Stage& stage(std::size_t tier) const { return itinerary->stages[tier]; }
  const Crossing& crossing(std::size_t hop) const { return itinerary->crossings[hop]; }
};

/// The itinerary must outlive the route. REQUIRES: it passes check_itinerary().
Route route_of(const Simulation& simulation, const Itinerary& itinerary);

}  // namespace offcut::engine
