#include "sim/engine/simulation.h"

namespace offcut::engine {

bool shares(const Tier& tier) {
  return tier.scheduling.queue && tier.scheduling.queue.kind->shares;
}

network::Attachment attachment_of(const Simulation& simulation) {
  network::Attachment::Access access{.devices = simulation.tiers[0].servers};
  if (!simulation.hops.empty()) {
    const Link& first = simulation.hops[0];
    access.shared = first.shared;
    if (first.site) {
      access.devices_per_uplink = first.site->devices;
    }
  }
  std::vector<network::Attachment::Machines> later;
  for (std::size_t i = 1; i < simulation.tiers.size(); ++i) {
    later.push_back({simulation.tiers[i].servers, simulation.tiers[i].sites});
  }
  return {access, later};
}

}  // namespace offcut::engine
