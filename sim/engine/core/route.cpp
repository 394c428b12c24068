#include "sim/engine/core/route.h"

#include <algorithm>

namespace offcut::engine {
namespace {

/// Returns how long a transfer without stalls takes that begins at the start of the run, over the
/// slower of its links. If the links of a hop differ, it is the mean over them, since a route
/// belongs to a class and not to a device.
Seconds transfer(const Link& link, Bytes bytes, bool up) {
  double end = link.rates(up).mean_when(0, bytes.si());
  if (link.site) {
    end = std::max(end, link.site->rates(up).mean_when(0, bytes.si()));
  }
  return Seconds(end) + link.hop.overhead(up);
}

Seconds least_work(const Stage& stage) {
  Seconds least = kNever;
  for (std::size_t i = 0; i < stage.service.size(); ++i) {
    least = std::min(least, stage.service[i] / static_cast<double>(i + 1));
  }
  return least;
}

}  // namespace

Route route_of(const Simulation& simulation, const Itinerary& itinerary) {
  Route route{.itinerary = &itinerary};
  const std::vector<Stage>& stages = itinerary.stages;
  const std::vector<Crossing>& crossings = itinerary.crossings;
  for (std::size_t tier = 0; tier < stages.size(); ++tier) {
    if (stages[tier].used) {
      route.farthest = route.last_computing = tier;
    }
    const bool batches = bool(simulation.tiers[tier].scheduling.batching);
    route.least.push_back(batches ? least_work(stages[tier]) : stages[tier].service[0]);
  }
  Seconds back = stages[0].tail;
  for (std::size_t hop = 0; hop < crossings.size(); ++hop) {
    route.farthest = crossings[hop].goes_up ? std::max(route.farthest, hop + 1) : route.farthest;
    if (crossings[hop].comes_down) {
      route.answer = hop + 1;
    }
  }
  for (std::size_t hop = 0; hop < route.answer; ++hop) {
    back += transfer(simulation.hops[hop], crossings[hop].down_bytes, false);
  }
  route.rest.assign(stages.size(), back);
  for (std::size_t hop = route.farthest; hop-- > 0;) {
    const Stage& next = stages[hop + 1];
    route.rest[hop] = route.rest[hop + 1] +
                      transfer(simulation.hops[hop], crossings[hop].up_bytes, true) +
                      (next.used ? next.service[0] : Seconds(0));
  }
  return route;
}

}  // namespace offcut::engine
