#pragma once

#include <limits>
#include <vector>

#include "sim/engine/core/legs.h"

namespace offcut::engine {

/// An itinerary that requests of one class follow, with the figures derived from it.
struct Route {
  const Itinerary* itinerary = nullptr;
  std::size_t number = 0;  // Among the routes of a run, in the order of their first use.
  std::size_t request_class = 0;
  std::size_t farthest = 0;  // The tier at which requests turn back.
  /// The last tier that computes, before a tail on the device. If none does, no tier's number.
  std::size_t last_computing = std::numeric_limits<std::size_t>::max();
  std::size_t answer = 0;         // The tier from which the answer comes back.
  std::vector<std::size_t> up;    // By tier: the leg on which a request goes on from it.
  std::vector<std::size_t> down;  // By tier: the leg on which the answer goes on from it.
  const Legs* legs = nullptr;
  std::vector<Seconds> rest;   // By tier: the time of everything after it, in an idle system.
  std::vector<Seconds> least;  // By tier: the core time of one request in a batch of the best size.

  const Stage& stage(std::size_t tier) const { return itinerary->stages[tier]; }
  const Crossing& crossing(std::size_t leg) const { return itinerary->crossings[leg]; }
};

/// Derives the route of an itinerary, which must outlive it, as the legs must. REQUIRES: the
/// itinerary passes check_itinerary().
Route route_of(const Simulation& simulation, const Legs& legs, const Itinerary& itinerary);

}  // namespace offcut::engine
