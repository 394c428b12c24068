// The predictions for requests that may leave a network at exits. Where one leaves is known to the
// simulation when it arrives, and to nobody in the system before it leaves.

#include "sim/engine/core/exit_families.h"

#include <cmath>
#include <numeric>

namespace offcut::engine {

std::string error_in_families(const Simulation& simulation) {
  constexpr double kMostError = 1e-9;
  for (std::size_t number = 0; number < simulation.exit_families.size(); ++number) {
    const ExitFamily& family = simulation.exit_families[number];
    if (family.itineraries.size() != family.odds.size() ||
        family.itineraries.size() != family.names.size() ||
        std::abs(std::accumulate(family.odds.begin(), family.odds.end(), 0.0) - 1) > kMostError) {
      return "the ways of a network with exits must have names, and odds that add up to 1";
    }
    for (std::size_t way = 0; way < family.itineraries.size(); ++way) {
      const std::size_t index = family.itineraries[way];
      const bool exists = index < simulation.itineraries.size();
      const auto exit = exists ? simulation.itineraries[index].exit : std::nullopt;
      if (!exit || exit->family != number || exit->way != way) {
        return "a way of a network with exits must be an itinerary that names it";
      }
    }
  }
  return "";
}

void predict_ways(const Simulation& simulation, Route& route) {
  const ExitFamily& family = simulation.exit_families[route.itinerary->exit->family];
  const std::size_t tiers = route.rest.size();
  std::vector<Seconds> rest(tiers);
  std::vector<double> share(tiers);
  route.predicted.assign(tiers, Seconds(0));
  route.predicted_least.assign(tiers, Seconds(0));
  for (std::size_t way = 0; way < family.odds.size(); ++way) {
    const Itinerary& itinerary = simulation.itineraries[family.itineraries[way]];
    const Route other = route_of(simulation, *route.legs, itinerary, route.group);
    for (std::size_t level = 0; level < itinerary.stages.size(); ++level) {
      const std::size_t tier = number_of(level, route.group, simulation.groups);
      const double odds = itinerary.stages[level].used ? family.odds[way] : 0;
      share[tier] += odds;
      route.predicted[tier] += other.stage(tier).service[0] * odds;
      route.predicted_least[tier] += other.least[tier] * odds;
      rest[tier] += other.rest[tier] * odds;
    }
  }
  for (std::size_t tier = 0; tier < tiers; ++tier) {
    if (share[tier] > 0) {
      route.predicted[tier] = route.predicted[tier] / share[tier];
      route.predicted_least[tier] = route.predicted_least[tier] / share[tier];
      route.rest[tier] = rest[tier] / share[tier];
    } else {
      route.predicted[tier] = route.stage(tier).service[0];
      route.predicted_least[tier] = route.least[tier];
    }
  }
}

}  // namespace offcut::engine
