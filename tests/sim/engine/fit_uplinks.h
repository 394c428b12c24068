#pragma once

#include <numeric>

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Shrinks the uplinks of a random system until each leads to one site of every tier.
inline void fit_uplinks(Simulation& simulation) {
  const network::Attachment attachment = attachment_of(simulation.tiers, simulation.hops);
  for (std::size_t tier = 1; tier < simulation.tiers.size(); ++tier) {
    if (attachment.splits_uplink(tier)) {
      std::size_t& shared_by = simulation.hops[0].site->devices;
      shared_by = std::gcd(shared_by, attachment.devices_per_site(tier));
    }
  }
}

}  // namespace offcut::engine
