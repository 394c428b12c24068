#include "sim/engine/core/itineraries.h"

#include <fmt/format.h>

#include <stdexcept>

#include "sim/engine/core/check.h"

namespace offcut::engine {

Itineraries::Itineraries(const Simulation& simulation, const Legs& legs, Controller& controller)
    : simulation_(simulation),
      legs_(legs),
      controller_(controller),
      classes_(simulation.classes.size()) {
  for (std::size_t i = 0; i < classes_.size(); ++i) {
    classes_[i].last = route(i, simulation.itinerary_of(i));
    if (const auto fallback = simulation.classes[i].fallback) {
      route(i, simulation.itineraries[*fallback]);
    }
  }
}

const Route* Itineraries::route_of_arrival(std::size_t request_class, std::size_t device,
                                           Seconds now) {
  ClassRoutes& known = classes_[request_class];
  const Itinerary& itinerary = controller_.itinerary_of(request_class, device, now);
  if (&itinerary != known.last->itinerary) {
    known.last = route(request_class, itinerary);
  }
  return known.last;
}

const Route* Itineraries::route_of_fallback(std::size_t request_class, std::size_t device,
                                            Seconds now) {
  const Route* alone = route(request_class, controller_.fallback_of(request_class, device, now));
  if (!is_on_device_alone(*alone->itinerary)) {
    throw std::invalid_argument(
        fmt::format("class {}: {}", simulation_.classes[request_class].name, kFallbackRule));
  }
  return alone;
}

const Route* Itineraries::route_of_failover(const Route& from, std::size_t tier) {
  return route(from.request_class, simulation_.itineraries[*from.itinerary->failover_of(tier)]);
}

const Route* Itineraries::route(std::size_t request_class, const Itinerary& itinerary) {
  auto& routes = classes_[request_class].routes;
  const auto found = routes.find(&itinerary);
  if (found != routes.end()) {
    return &found->second;
  }
  check_itinerary(simulation_, request_class, itinerary);
  Route& added = routes.emplace(&itinerary, route_of(simulation_, legs_, itinerary)).first->second;
  added.number = all_.size();
  added.request_class = request_class;
  all_.push_back(&added);
  return &added;
}

}  // namespace offcut::engine
