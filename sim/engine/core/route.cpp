// Derives the figures of a route in the numbers of its itinerary, and translates only the tiers at
// which requests turn back into those of the simulation. It relies on check_itinerary().

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

/// Returns the least core time of one request; `service` has the times of batches.
Seconds least_work(const std::vector<Seconds>& service, const Tier& tier) {
  Seconds least = service[0];
  for (std::size_t i = 1; tier.scheduling.batching && i < service.size(); ++i) {
    least = std::min(least, service[i] / static_cast<double>(i + 1));
  }
  return least;
}

/// Returns the least core time of one request by kind of queue. If the machines of a site share a
/// queue and all of them compute, c cores compute sum(1 / s) requests per second, where s is the
/// time that a core takes, so that a request takes c / sum(1 / s) of core time.
std::vector<Seconds> least_of_kinds(const Stage& stage, const Tier& tier) {
  std::vector<Seconds> least;
  for (const std::vector<Seconds>& service : stage.of_groups) {
    least.push_back(least_work(service, tier));
  }
  for (std::size_t site = 0; !least.empty() && site < tier.sites; ++site) {
    double cores = 0, rate = 0;
    for (std::size_t group = 0; group < tier.groups.size(); ++group) {
      const auto own =
          static_cast<double>(tier.groups[group].at_site[site] * tier.groups[group].cores);
      cores += own;
      rate += own > 0 ? own / least[group].si() : 0;
    }
    least.push_back(Seconds(cores / rate));
  }
  return least;
}

}  // namespace

Route route_of(const Simulation& simulation, const Itinerary& itinerary, std::size_t group) {
  Route route{.itinerary = &itinerary, .group = group, .farther = simulation.groups - 1};
  const std::vector<Stage>& stages = itinerary.stages;
  const std::vector<Crossing>& crossings = itinerary.crossings;
  const auto number = [&](std::size_t level) { return number_of(level, group, simulation.groups); };
  route.least.resize(simulation.tiers.size());
  route.least_of_kinds.resize(simulation.tiers.size());
  route.rest.resize(simulation.tiers.size());
  std::size_t farthest = 0, answer = 0;
  for (std::size_t level = 0; level < stages.size(); ++level) {
    const Tier& tier = simulation.tiers[number(level)];
    if (stages[level].used) {
      farthest = level;
      route.last_computing = number(level);
    }
    route.least[number(level)] = least_work(stages[level].service, tier);
    route.least_of_kinds[number(level)] = least_of_kinds(stages[level], tier);
    route.any_unlike = route.any_unlike || !stages[level].of_groups.empty();
  }
  Seconds back = stages[0].tail;
  for (std::size_t hop = 0; hop < crossings.size(); ++hop) {
    farthest = crossings[hop].goes_up ? std::max(farthest, hop + 1) : farthest;
    if (crossings[hop].comes_down) {
      answer = hop + 1;
    }
  }
  for (std::size_t hop = 0; hop < answer; ++hop) {
    back += transfer(simulation.hops[number(hop)], crossings[hop].down_bytes, false);
  }
  for (std::size_t level = 0; level < stages.size(); ++level) {
    route.rest[number(level)] = back;
  }
  for (std::size_t hop = farthest; hop-- > 0;) {
    const Stage& next = stages[hop + 1];
    route.rest[number(hop)] =
        route.rest[number(hop + 1)] +
        transfer(simulation.hops[number(hop)], crossings[hop].up_bytes, true) +
        (next.used ? next.service[0] : Seconds(0));
  }
  route.farthest = number(farthest);
  route.answer = number(answer);
  return route;
}

}  // namespace offcut::engine
