#include "sim/engine/route.h"

#include <algorithm>

namespace offcut {
namespace {

Seconds transfer(const Link& link, Bytes bytes, bool up) {
  BytesPerSecond rate = up ? link.hop.up : link.hop.down;
  if (link.site) {
    rate = std::min(rate, up ? link.site->up : link.site->down);
  }
  return bytes / rate + link.hop.latency;
}

Seconds least_work(const Stage& stage) {
  Seconds least = kNever;
  for (std::size_t i = 0; i < stage.service.size(); ++i) {
    least = std::min(least, stage.service[i] / static_cast<double>(i + 1));
  }
  return least;
}

}  // namespace

Route route_of(const Simulation& simulation, const RequestClass& of) {
  Route route;
  for (std::size_t tier = 0; tier < of.stages.size(); ++tier) {
    route.farthest = of.stages[tier].used ? tier : route.farthest;
    const bool batches = bool(simulation.tiers[tier].scheduling.batching);
    route.least.push_back(batches ? least_work(of.stages[tier]) : of.stages[tier].service[0]);
  }
  Seconds back = of.stages[0].tail;
  for (std::size_t hop = 0; hop < of.crossings.size(); ++hop) {
    const Crossing& crossing = of.crossings[hop];
    route.farthest = crossing.goes_up ? std::max(route.farthest, hop + 1) : route.farthest;
    if (crossing.comes_down) {
      route.answer = hop + 1;
    }
  }
  for (std::size_t hop = 0; hop < route.answer; ++hop) {
    back += transfer(simulation.hops[hop], of.crossings[hop].down_bytes, false);
  }
  route.rest.assign(of.stages.size(), back);
  for (std::size_t hop = route.farthest; hop-- > 0;) {
    const Stage& next = of.stages[hop + 1];
    route.rest[hop] = route.rest[hop + 1] +
                      transfer(simulation.hops[hop], of.crossings[hop].up_bytes, true) +
                      (next.used ? next.service[0] : Seconds(0));
  }
  return route;
}

}  // namespace offcut
