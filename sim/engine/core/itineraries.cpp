// Looks up the route of each request. A class remembers the route of its latest arrival from each
// group of devices, so that a request whose itinerary is the same costs a comparison.

#include "sim/engine/core/itineraries.h"

#include <fmt/format.h>

#include <stdexcept>

#include "sim/engine/core/check.h"
#include "sim/engine/core/exit_families.h"

namespace offcut::engine {

Itineraries::Itineraries(const Simulation& simulation, const Legs& legs, Controller& controller)
    : simulation_(simulation),
      legs_(legs),
      controller_(controller),
      classes_(simulation.classes.size() * simulation.groups) {
  for (std::size_t i = 0; i < simulation.classes.size(); ++i) {
    const std::vector<std::size_t>& from = simulation.classes[i].from;
    const std::size_t group = from.empty() ? 0 : from.front();
    routes_of(i, group).last = route(i, group, simulation.itinerary_of(i));
    if (const auto fallback = simulation.classes[i].fallback) {
      route(i, group, simulation.itineraries[*fallback]);
    }
  }
}

const Route* Itineraries::route_of_fallback(std::size_t request_class, std::size_t device,
                                            std::size_t group, Seconds now) {
  const Route* alone =
      route(request_class, group, controller_.fallback_of(request_class, device, now));
  if (!is_on_device_alone(*alone->itinerary)) {
    throw std::invalid_argument(
        fmt::format("class {}: {}", simulation_.classes[request_class].name, kFallbackRule));
  }
  return alone;
}

const Route* Itineraries::route_of_failover(const Route& from, std::size_t tier) {
  return route(from.request_class, from.group,
               simulation_.itineraries[*from.itinerary->failover_of(from.level(tier))]);
}

const Route* Itineraries::route_of_tasks(std::size_t request_class, std::size_t group,
                                         const Itinerary& itinerary) {
  route(request_class, group, itinerary);
  Route& added = routes_of(request_class, group).routes.find(&itinerary)->second;
  added.any_unlike = true;  // See Request::service_on() and predicted().
  added.predicted.resize(simulation_.tiers.size());
  return &added;
}

const Route* Itineraries::route(std::size_t request_class, std::size_t group,
                                const Itinerary& itinerary) {
  ClassRoutes& of_class = routes_of(request_class, group);
  auto& routes = of_class.routes;
  const auto found = routes.find(&itinerary);
  if (found != routes.end()) {
    return &found->second;
  }
  check_itinerary(simulation_, request_class, group, itinerary);
  Route& added =
      routes.emplace(&itinerary, route_of(simulation_, legs_, itinerary, group)).first->second;
  added.number = added.queue = all_.size();
  if (itinerary.exit) {
    added.queue = of_class.queues.try_emplace(itinerary.exit->family, added.number).first->second;
    predict_ways(simulation_, added);
  }
  added.request_class = request_class;
  all_.push_back(&added);
  return &added;
}

}  // namespace offcut::engine
