#pragma once

#include <limits>
#include <vector>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// An itinerary that requests of one class follow, with the figures derived from it.
struct Route {
  const Itinerary* itinerary = nullptr;
  std::size_t number = 0;  // Among the routes of a run, in the order of their first use.
  std::size_t request_class = 0;
  std::size_t farthest = 0;  // The tier at which requests turn back.
  /// The last tier that computes, before a tail on the device. If none does, no tier's number.
  std::size_t last_computing = std::numeric_limits<std::size_t>::max();
  std::size_t answer = 0;      // The tier from which the answer comes back.
  std::vector<Seconds> rest;   // By tier: the time of everything after it, in an idle system.
  std::vector<Seconds> least;  // By tier: the core time of one request in a batch of the best size.

  const Stage& stage(std::size_t tier) const { return itinerary->stages[tier]; }
  const Crossing& crossing(std::size_t hop) const { return itinerary->crossings[hop]; }
};

/// Derives the route of an itinerary, which must outlive it. REQUIRES: the itinerary passes
/// check_itinerary().
Route route_of(const Simulation& simulation, const Itinerary& itinerary);

}  // namespace offcut::engine
