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
  /// `group` is that of the device, here and below.
  const Route* route_of_arrival(std::size_t request_class, std::size_t device, std::size_t group,
                                Seconds now, std::int64_t input) {
    ClassRoutes& known = routes_of(request_class, group);
    const Itinerary& itinerary = controller_.itinerary_of(request_class, device, now, input);
    if (known.last == nullptr || &itinerary != known.last->itinerary) {
      known.last = route(request_class, group, itinerary);
    }
    return known.last;
  }
  /// Returns the route on which a request goes on without the tier's machines. REQUIRES: its route
  /// names one.
  const Route* route_of_failover(const Route& route, std::size_t tier);
  /// Returns the route of a part of a request's work, an itinerary that must outlive this object.
  const Route* route_of_part(std::size_t request_class, const Itinerary& part) {
    return route(request_class, 0, part);
  }
  /// Returns the route of tasks from that group, whose machines need the models of the itinerary,
  /// which must outlive this object. The service time of each task is its own.
  const Route* route_of_tasks(std::size_t request_class, std::size_t group,
                              const Itinerary& itinerary);
  /// Returns some route of the class from that group, for messages that follow none.
  const Route* route_of_side(std::size_t request_class, std::size_t group) {
    const ClassRoutes& known = routes_of(request_class, group);
    return known.last != nullptr
               ? known.last
               : route(request_class, group, simulation_.itinerary_of(request_class));
  }
  const Route* route_of_fallback(std::size_t request_class, std::size_t device, std::size_t group,
                                 Seconds now);

 private:
  struct ClassRoutes {
    std::unordered_map<const Itinerary*, Route> routes;   // Its nodes never move.
    const Route* last = nullptr;                          // The route of the latest arrival.
    std::unordered_map<std::size_t, std::size_t> queues;  // By family of exits: see Route::queue.
  };

  /// Throws std::invalid_argument if the itinerary is invalid in this simulation.
  const Route* route(std::size_t request_class, std::size_t group, const Itinerary& itinerary);
  ClassRoutes& routes_of(std::size_t request_class, std::size_t group) {
    return classes_[request_class * simulation_.groups + group];
  }

  const Simulation& simulation_;
  const Legs& legs_;
  Controller& controller_;
  std::vector<ClassRoutes> classes_;  // By class, then by group of devices.
  std::vector<const Route*> all_;
};

}  // namespace offcut::engine
