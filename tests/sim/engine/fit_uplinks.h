#pragma once

#include <numeric>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Shrinks the uplinks of a random system until each leads to one site of every tier.
inline void fit_uplinks(Simulation& simulation) {
  const network::Attachment attachment =
      attachment_of(simulation.tiers, simulation.hops, simulation.groups);
  for (std::size_t tier = simulation.groups; tier < simulation.tiers.size(); ++tier) {
    for (std::size_t group = 0; group < simulation.groups; ++group) {
      if (attachment.splits_uplink(tier, group)) {
        std::size_t& shared_by = simulation.hops[group].site->devices;
        shared_by = std::gcd(shared_by, attachment.devices_per_site(tier, group));
      }
    }
  }
}

}  // namespace offcut::engine
