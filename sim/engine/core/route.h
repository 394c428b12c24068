#pragma once

#include <algorithm>
#include <limits>
#include <vector>

#include "sim/engine/core/legs.h"

namespace offcut::engine {

/// An itinerary that requests of one class follow, with the figures derived from it.
struct Route {
  const Itinerary* itinerary = nullptr;
  std::size_t number = 0;  // Among the routes of a run, in the order of their first use.
  std::size_t queue = 0;   // The number of the first route with which its requests share batches.
  std::size_t request_class = 0;
  std::size_t group = 0;     // Of the devices whose requests follow it.
  std::size_t farther = 0;   // The number of groups of devices in the system, less 1.
  std::size_t farthest = 0;  // The tier at which requests turn back.
  /// The last tier that computes, before a tail on the device. If none does, no tier's number.
  std::size_t last_computing = std::numeric_limits<std::size_t>::max();
  std::size_t answer = 0;  // The tier from which the answer comes back.
  const Legs* legs = nullptr;
  // By tier, 0 on those of other groups:
  std::vector<std::size_t> up;    // The leg on which a request goes on from it.
  std::vector<std::size_t> down;  // The leg on which the answer goes on from it.
  std::vector<Seconds> rest;      // The time of everything after it, in an idle system.
  std::vector<Seconds> least;     // The core time of one request in a batch of the best size.
  /// The same on a tier of unlike machines, by the kind of the queue: see StationKind. Otherwise
  /// empty.
  std::vector<std::vector<Seconds>> least_of_kinds;
  bool any_unlike = false;  // A tier has unlike machines.
  /// Of a way through a network with exits: the means over the ways that reach the tier, of the
  /// service time of one request and of `least`. `rest` is then such a mean, too. Otherwise empty.
  std::vector<Seconds> predicted = {};
  std::vector<Seconds> predicted_least = {};

  /// Returns the number of a tier or a hop in the itinerary.
  std::size_t level(std::size_t place) const { return place - std::min(place, farther); }
  const Stage& stage(std::size_t tier) const { return itinerary->stages[level(tier)]; }
  const Crossing& crossing(std::size_t leg) const { return itinerary->crossings[legs->level(leg)]; }
  /// Returns the leg on which requests come to a tier.
  std::size_t leg_to(std::size_t tier) const;
};

/// The kinds of queues on a tier of unlike machines: kind g has machines of group g alone; after
/// these come the queues that all machines of a site share, by site.
using StationKind = std::size_t;

/// Derives the route of an itinerary, which must outlive it, as the legs must, for the devices of a
/// group. REQUIRES: the itinerary passes check_itinerary().
Route route_of(const Simulation& simulation, const Legs& legs, const Itinerary& itinerary,
               std::size_t group = 0);

}  // namespace offcut::engine
