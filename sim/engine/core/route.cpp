// Derives the figures of a route: its itinerary has tiers and legs by level, and the route has them
// by their numbers in the simulation. It relies on check_itinerary().

#include "sim/engine/core/route.h"

#include <algorithm>

namespace offcut::engine {
namespace {

/// Returns how long a transfer without stalls takes over the slowest of its links, with the mean
/// rates of links that change: a route belongs to a class and not to a device or a time.
Seconds transfer(const Simulation& simulation, const Legs& legs, std::size_t leg, Bytes bytes,
                 bool up) {
  double end = 0;
  for (const std::size_t hop : legs.hops(leg)) {
    const Link& link = simulation.hops[hop];
    end = std::max(end, network::Rate(link.hop.rate(up)).time_for(0, bytes.si()));
    if (link.site) {
      const BytesPerSecond site = link.site->rate(up);
      end = std::max(end, network::Rate(site).time_for(0, bytes.si()));
    }
  }
  return Seconds(end) + legs.as_hop(leg).overhead(up);
}

/// Sets the legs of a route: those that messages cross, or else the hop to the next tier.
void set_legs(const Simulation& simulation, Route& route) {
  const std::vector<Crossing>& crossings = route.itinerary->crossings;
  const Legs& legs = *route.legs;
  const auto number = [&](std::size_t level) {
    return number_of(level, route.group, simulation.groups);
  };
  route.up.resize(simulation.tiers.size());
  route.down.resize(simulation.tiers.size());
  for (std::size_t level = 0; level < route.itinerary->stages.size(); ++level) {
    route.up[number(level)] = number(level);
    route.down[number(level)] = number(level > 0 ? level - 1 : 0);
  }
  for (std::size_t level = 0; level < crossings.size(); ++level) {
    const std::size_t leg = legs.number(level, route.group);
    const std::size_t from = legs.from(leg);
    const std::size_t to = legs.to(leg);
    if (crossings[level].goes_up) {
      route.farthest = std::max(route.farthest, to);
      route.up[from] = leg;
    }
    if (crossings[level].comes_down) {
      route.answer = std::max(route.answer, to);
      route.down[to] = leg;
    }
  }
}

/// Sets the time of everything after each tier, from the answer back to the device.
void set_rest(const Simulation& simulation, Route& route) {
  const Legs& legs = *route.legs;
  const std::vector<Stage>& stages = route.itinerary->stages;
  Seconds back = stages[0].tail;
  std::vector<std::size_t> way;
  for (std::size_t tier = route.answer; tier != route.group; tier = legs.from(way.back())) {
    way.push_back(route.down[tier]);
  }
  for (auto leg = way.rbegin(); leg != way.rend(); ++leg) {
    back += transfer(simulation, legs, *leg, route.crossing(*leg).down_bytes, false);
  }
  for (std::size_t level = 0; level < stages.size(); ++level) {
    route.rest[number_of(level, route.group, simulation.groups)] = back;
  }
  way.clear();
  for (std::size_t tier = route.group; tier < route.farthest; tier = legs.to(way.back())) {
    way.push_back(route.up[tier]);
  }
  for (auto leg = way.rbegin(); leg != way.rend(); ++leg) {
    const Stage& next = route.stage(legs.to(*leg));
    route.rest[legs.from(*leg)] =
        route.rest[legs.to(*leg)] +
        transfer(simulation, legs, *leg, route.crossing(*leg).up_bytes, true) +
        (next.used ? next.service[0] : Seconds(0));
  }
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

std::size_t Route::leg_to(std::size_t tier) const {
  std::size_t leg = up[group];
  while (legs->to(leg) < tier) {
    leg = up[legs->to(leg)];
  }
  return leg;
}

Route route_of(const Simulation& simulation, const Legs& legs, const Itinerary& itinerary,
               std::size_t group) {
  Route route{.itinerary = &itinerary,
              .group = group,
              .farther = simulation.groups - 1,
              .farthest = group,
              .answer = group,
              .legs = &legs};
  const std::vector<Stage>& stages = itinerary.stages;
  const auto number = [&](std::size_t level) { return number_of(level, group, simulation.groups); };
  route.least.resize(simulation.tiers.size());
  route.least_of_kinds.resize(simulation.tiers.size());
  route.rest.resize(simulation.tiers.size());
  for (std::size_t level = 0; level < stages.size(); ++level) {
    const Tier& tier = simulation.tiers[number(level)];
    if (stages[level].used) {
      route.farthest = route.last_computing = number(level);
    }
    route.least[number(level)] = least_work(stages[level].service, tier);
    route.least_of_kinds[number(level)] = least_of_kinds(stages[level], tier);
    route.any_unlike = route.any_unlike || !stages[level].of_groups.empty();
  }
  set_legs(simulation, route);
  set_rest(simulation, route);
  return route;
}

}  // namespace offcut::engine
