#pragma once

#include <unordered_map>
#include <vector>

#include "sim/engine/controller.h"
#include "sim/engine/route.h"

namespace offcut {

/// The routes of a run. Asks the controller, and checks and derives each route once: when a class
/// first meets its itinerary. Routes stay where they are.
class Itineraries {
 public:
  /// Both must outlive it. Numbers the routes that the simulation itself names, by class, those by
  /// default before what they fall back to; others follow as they come.
  Itineraries(const Simulation& simulation, Controller& controller);

  /// By number.
  const std::vector<const Route*>& all() const { return all_; }
  const Route* of_arrival(std::size_t request_class, std::size_t device, Seconds now);
  const Route* of_fallback(std::size_t request_class, std::size_t device, Seconds now);

 private:
  struct OfClass {
    std::unordered_map<const Itinerary*, Route> routes;  // whose nodes do not move
    const Route* last = nullptr;                         // that an arrival was given
  };

  /// Throws std::invalid_argument where no simulation could have the itinerary.
  const Route* route(std::size_t request_class, const Itinerary& itinerary);

  const Simulation& simulation_;
  Controller& controller_;
  std::vector<OfClass> classes_;
  std::vector<const Route*> all_;
};

}  // namespace offcut
