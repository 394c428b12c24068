#pragma once

#include <unordered_map>
#include <vector>

#include "sim/engine/controller.h"
#include "sim/engine/core/route.h"

namespace offcut::engine {

/// The routes of a run. It asks the controller for itineraries, and checks each itinerary and
/// derives its route once, when a class first uses it. Routes never move.
class Itineraries {
 public:
  /// The arguments must outlive it. The first routes are those that the simulation names: class by
  /// class, the default before the fallback.
  Itineraries(const Simulation& simulation, const Legs& legs, Controller& controller);

  /// Returns all routes so far, by number.
  const std::vector<const Route*>& all() const { return all_; }
  const Route* route_of_arrival(std::size_t request_class, std::size_t device, Seconds now);
  /// Returns the route on which a request goes on without the tier's machines. REQUIRES: its route
  /// names one.
  const Route* route_of_failover(const Route& route, std::size_t tier);
  const Route* route_of_fallback(std::size_t request_class, std::size_t device, Seconds now);

 private:
  struct ClassRoutes {
    std::unordered_map<const Itinerary*, Route> routes;  // Its nodes never move.
    const Route* last = nullptr;                         // The route of the latest arrival.
  };

  /// Throws std::invalid_argument if the itinerary is invalid in this simulation.
  const Route* route(std::size_t request_class, const Itinerary& itinerary);

  const Simulation& simulation_;
  const Legs& legs_;
  Controller& controller_;
  std::vector<ClassRoutes> classes_;
  std::vector<const Route*> all_;
};

}  // namespace offcut::engine
