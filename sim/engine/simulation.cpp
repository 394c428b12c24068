#include "sim/engine/simulation.h"

#include <algorithm>
#include <numeric>

namespace offcut::engine {

bool shares(const Tier& tier) {
  return tier.scheduling.queue && tier.scheduling.queue.kind->shares;
}

std::vector<std::size_t> machines_at_sites(const Tier& tier) {
  if (tier.groups.empty()) {
    const std::size_t sites = std::max<std::size_t>(1, tier.sites);  // None is an error: check.h.
    return std::vector<std::size_t>(tier.sites, tier.servers / sites);
  }
  std::vector<std::size_t> machines(tier.sites);
  for (const MachineGroup& group : tier.groups) {
    for (std::size_t site = 0; site < tier.sites; ++site) {
      machines[site] += group.at_site[site];
    }
  }
  return machines;
}

std::vector<MachineGroup> groups_of(const Tier& tier) {
  if (!tier.groups.empty()) {
    return tier.groups;
  }
  return {{.name = tier.name,
           .at_site = machines_at_sites(tier),
           .cores = tier.cores,
           .noise = tier.noise,
           .memory = tier.memory,
           .load = tier.load,
           .power = tier.power}};
}

std::size_t cores_of(const Tier& tier) {
  if (tier.groups.empty()) {
    return tier.servers * tier.cores;
  }
  std::size_t cores = 0;
  for (const MachineGroup& group : tier.groups) {
    cores +=
        group.cores * std::accumulate(group.at_site.begin(), group.at_site.end(), std::size_t{0});
  }
  return cores;
}

}  // namespace offcut::engine
