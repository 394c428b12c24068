#include "sim/engine/controller.h"

namespace offcut::engine {

const Itinerary& FixedPlans::itinerary_of(std::size_t request_class, std::size_t /*device*/,
                                          Seconds /*now*/, std::int64_t /*input*/) {
  return simulation_.itinerary_of(request_class);
}

const Itinerary& FixedPlans::fallback_of(std::size_t request_class, std::size_t /*device*/,
                                         Seconds /*now*/) {
  return simulation_.itineraries[simulation_.classes[request_class].fallback.value()];
}

RunRecord simulate(const Simulation& simulation, const Observers& observers) {
  FixedPlans plans(simulation);
  return simulate(simulation, observers, plans);
}

}  // namespace offcut::engine
