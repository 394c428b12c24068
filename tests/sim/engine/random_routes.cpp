// Direct hops, and messages that cross several hops at once, in random simulations.

#include <algorithm>

#include "random_parts.h"

namespace offcut::engine {
namespace {

/// Adds direct hops past a tier.
void add_direct_hops(Draws& draws, Simulation& simulation) {
  const std::size_t tiers = simulation.tiers.size();
  const std::size_t devices = simulation.tiers.front().servers;
  for (std::size_t from = 0; from + 2 < tiers; ++from) {
    for (std::size_t to = from + 2; to < tiers; ++to) {
      if (!draws.one_in(2)) {
        continue;
      }
      Link link = random_link(draws, simulation.hops.size(), devices);
      link.site.reset();
      link.shared = from > 0 || draws.one_in(2);
      link.faults =
          draws.one_in(3) ? random_faults(draws, link.shared ? 1 : devices) : network::Faults();
      link.direct = Link::Ends{from, to};
      if (from == 0 && draws.one_in(2) && !simulation.tiers.front().battery) {
        link.radio = random_radio(draws);
      }
      simulation.hops.push_back(std::move(link));
    }
  }
}

/// Returns the hops of a way between two tiers: the fewest, or those of neighbours.
std::vector<std::size_t> hops_between(Draws& draws, const Simulation& simulation, std::size_t from,
                                      std::size_t to) {
  std::vector<std::size_t> hops;
  while (from < to) {
    hops.push_back(from);
    std::size_t end = from + 1;
    for (std::size_t hop = simulation.tiers.size() - 1; hop < simulation.hops.size(); ++hop) {
      const Link::Ends ends = *simulation.hops[hop].direct;
      if (ends.from == from && ends.to <= to && !draws.one_in(3)) {
        hops.back() = hop;
        end = ends.to;
      }
    }
    from = end;
  }
  return hops;
}

/// Returns the number of the leg over these hops, which is added if it is new.
std::size_t leg_over(Simulation& simulation, const std::vector<std::size_t>& hops) {
  if (hops.size() == 1) {
    return hops.front();
  }
  auto& legs = simulation.long_legs;
  const auto found = std::find(legs.begin(), legs.end(), hops);
  const auto number = simulation.hops.size() + static_cast<std::size_t>(found - legs.begin());
  if (found == legs.end()) {
    legs.push_back(hops);
  }
  return number;
}

/// Lets messages pass unused tiers between two others on one leg, up and down by themselves.
void pass_tiers(Draws& draws, Simulation& simulation, Itinerary& itinerary, bool up) {
  const auto crosses = [&](std::size_t hop) {
    const Crossing& crossing = itinerary.crossings[hop];
    return up ? crossing.goes_up : crossing.comes_down;
  };
  const std::size_t tiers = simulation.tiers.size();
  for (std::size_t from = 0; from + 1 < tiers; ++from) {
    std::size_t to = from + 1;
    while (crosses(to - 1) && to + 1 < tiers && crosses(to) && !itinerary.stages[to].used &&
           !draws.one_in(4)) {
      ++to;
    }
    if (to == from + 1) {
      continue;
    }
    const Crossing first = itinerary.crossings[from];
    const std::size_t leg = leg_over(simulation, hops_between(draws, simulation, from, to));
    itinerary.crossings.resize(std::max(itinerary.crossings.size(), leg + 1));
    for (std::size_t hop = from; hop < to; ++hop) {
      (up ? itinerary.crossings[hop].goes_up : itinerary.crossings[hop].comes_down) = false;
    }
    Crossing& crossing = itinerary.crossings[leg];
    if (up) {
      crossing.goes_up = true;
      crossing.up_bytes = first.up_bytes;
      crossing.up_bytes_of_input = first.up_bytes_of_input;
    } else {
      crossing.comes_down = true;
      crossing.down_bytes = first.down_bytes;
    }
    from = to - 1;
  }
}

}  // namespace

void add_routes(Simulation& simulation) {
  Draws draws(simulation.seed, "a random simulation: routes");
  add_direct_hops(draws, simulation);
  for (const RequestClass& request_class : simulation.classes) {
    Itinerary& itinerary = simulation.itineraries[request_class.itinerary];
    for (std::size_t tier = 1; tier < itinerary.stages.size(); ++tier) {
      itinerary.stages[tier].used = itinerary.stages[tier].used && draws.one_in(2);
    }
    itinerary.crossings.resize(simulation.hops.size());
    pass_tiers(draws, simulation, itinerary, true);
    pass_tiers(draws, simulation, itinerary, false);
  }
}

}  // namespace offcut::engine
