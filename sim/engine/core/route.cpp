#include "sim/engine/core/route.h"

#include <algorithm>

namespace offcut::engine {
namespace {

/// Returns how long a transfer without stalls takes that begins at the start of the run, over the
/// slowest of its links. If the links of a hop differ, it is the mean over them, since a route
/// belongs to a class and not to a device.
Seconds transfer(const Simulation& simulation, const Legs& legs, std::size_t leg, Bytes bytes,
                 bool up) {
  double end = 0;
  for (const std::size_t hop : legs.hops(leg)) {
    const Link& link = simulation.hops[hop];
    end = std::max(end, link.rates(up).mean_when(0, bytes.si()));
    if (link.site) {
      end = std::max(end, link.site->rates(up).mean_when(0, bytes.si()));
    }
  }
  return Seconds(end) + legs.as_hop(leg).overhead(up);
}

/// Sets the legs of a route: those that messages cross, or else the hop to the next tier.
void set_legs(Route& route) {
  const std::vector<Crossing>& crossings = route.itinerary->crossings;
  const Legs& legs = *route.legs;
  const std::size_t tiers = route.itinerary->stages.size();
  for (std::size_t tier = 0; tier < tiers; ++tier) {
    route.up.push_back(tier);
    route.down.push_back(tier > 0 ? tier - 1 : 0);
  }
  for (std::size_t leg = 0; leg < crossings.size(); ++leg) {
    const std::size_t from = legs.from(leg);
    const std::size_t to = legs.to(leg);
    if (crossings[leg].goes_up) {
      route.farthest = std::max(route.farthest, to);
      route.up[from] = leg;
    }
    if (crossings[leg].comes_down) {
      route.answer = std::max(route.answer, to);
      route.down[to] = leg;
    }
  }
}

Seconds least_work(const Stage& stage) {
  Seconds least = kNever;
  for (std::size_t i = 0; i < stage.service.size(); ++i) {
    least = std::min(least, stage.service[i] / static_cast<double>(i + 1));
  }
  return least;
}

}  // namespace

Route route_of(const Simulation& simulation, const Legs& legs, const Itinerary& itinerary) {
  Route route{.itinerary = &itinerary, .legs = &legs};
  const std::vector<Stage>& stages = itinerary.stages;
  const std::vector<Crossing>& crossings = itinerary.crossings;
  for (std::size_t tier = 0; tier < stages.size(); ++tier) {
    if (stages[tier].used) {
      route.farthest = route.last_computing = tier;
    }
    const bool batches = bool(simulation.tiers[tier].scheduling.batching);
    route.least.push_back(batches ? least_work(stages[tier]) : stages[tier].service[0]);
  }
  set_legs(route);
  Seconds back = stages[0].tail;
  std::vector<std::size_t> way;
  for (std::size_t tier = route.answer; tier > 0; tier = legs.from(way.back())) {
    way.push_back(route.down[tier]);
  }
  for (auto leg = way.rbegin(); leg != way.rend(); ++leg) {
    back += transfer(simulation, legs, *leg, crossings[*leg].down_bytes, false);
  }
  route.rest.assign(stages.size(), back);
  way.clear();
  for (std::size_t tier = 0; tier < route.farthest; tier = legs.to(way.back())) {
    way.push_back(route.up[tier]);
  }
  for (auto leg = way.rbegin(); leg != way.rend(); ++leg) {
    const Stage& next = stages[legs.to(*leg)];
    route.rest[legs.from(*leg)] = route.rest[legs.to(*leg)] +
                                  transfer(simulation, legs, *leg, crossings[*leg].up_bytes, true) +
                                  (next.used ? next.service[0] : Seconds(0));
  }
  return route;
}

}  // namespace offcut::engine
