// Groups of devices and of machines in random simulations.

#include <fmt/format.h>

#include <algorithm>

#include "fit_uplinks.h"
#include "random_parts.h"

namespace offcut::engine {
namespace {

/// Gives the later tier two groups of machines, and its itineraries the times of both.
void make_unlike(Draws& draws, Simulation& simulation, std::size_t number) {
  Tier& tier = simulation.tiers[number];
  for (const char* name : {"big", "small"}) {
    MachineGroup group{.name = name,
                       .at_site = {},
                       .cores = draws.from_one_to(3),
                       .noise = random_noise(draws),
                       .memory = tier.memory,
                       .load = tier.load,
                       .power = {.idle = Watts(1), .busy = Watts(draws.between(1, 9))}};
    for (std::size_t site = 0; site < tier.sites; ++site) {
      group.at_site.push_back(tier.groups.empty() ? draws.from_one_to(2) : draws.below(3));
    }
    tier.groups.push_back(std::move(group));
  }
  tier.servers = 0;
  for (const MachineGroup& group : tier.groups) {
    for (const std::size_t machines : group.at_site) {
      tier.servers += machines;
    }
  }
  for (network::Outage& outage : tier.faults.outages) {
    outage.which %= tier.servers;
  }
  const bool has_queue_of_its_own = tier.servers == tier.sites;
  if (shares(tier) && !has_queue_of_its_own && !tier.scheduling.dispatch) {
    tier.scheduling.dispatch = draws.choice(RandomSimulation::Registries::all().dispatch);
  }
  const std::size_t level = level_of(number, simulation.groups);
  for (Itinerary& itinerary : simulation.itineraries) {
    Stage& stage = itinerary.stages[level];
    for (std::size_t group = 0; group < tier.groups.size(); ++group) {
      std::vector<Seconds>& service = stage.of_groups.emplace_back(stage.service);
      const double factor = draws.between(0.3, 3);
      std::transform(service.begin(), service.end(), service.begin(),
                     [factor](Seconds time) { return time * factor; });
    }
  }
}

/// Returns a group of devices in addition to the first.
Tier another_group(Draws& draws, const Tier& first, std::size_t number) {
  Tier tier = first;
  tier.name = fmt::format("tier0-{}", number);
  tier.servers = draws.from_one_to(6);
  tier.cores = draws.from_one_to(3);
  tier.noise = random_noise(draws);
  tier.faults = draws.one_in(3) ? random_faults(draws, tier.servers) : network::Faults();
  tier.battery.reset();
  if (draws.one_in(3)) {
    add_batteries(draws, tier);
  }
  return tier;
}

}  // namespace

void add_groups(Simulation& simulation) {
  Draws draws(simulation.seed, "groups of devices and machines");
  const std::size_t groups = 1 + draws.from_one_to(2);
  const bool is_alone = simulation.hops.empty();
  for (std::size_t group = 1; group < groups; ++group) {
    const auto at = static_cast<std::ptrdiff_t>(group);
    Tier tier = another_group(draws, simulation.tiers.front(), group);
    if (!is_alone) {
      Link link = random_link(draws, 0, tier.servers);
      link.name = fmt::format("hop0-{}", group);
      if (draws.one_in(2)) {
        link.radio = random_radio(draws);
      }
      simulation.hops.insert(simulation.hops.begin() + at, std::move(link));
    }
    simulation.tiers.insert(simulation.tiers.begin() + at, std::move(tier));
  }
  simulation.groups = groups;
  fit_uplinks(simulation);
  for (RequestClass& request_class : simulation.classes) {
    for (std::size_t group = 0; group < groups; ++group) {
      if (draws.one_in(2)) {
        request_class.from.push_back(group);
      }
    }
  }
  for (std::size_t tier = groups; tier < simulation.tiers.size(); ++tier) {
    if (!simulation.tiers[tier].autoscaler && draws.one_in(2)) {
      make_unlike(draws, simulation, tier);
    }
  }
}

}  // namespace offcut::engine
