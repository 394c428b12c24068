#pragma once

#include "sim/network/attachment.h"
#include "sim/scenario/scenario.h"

namespace offcut::scenario {

/// REQUIRES: the scenario has tiers with valid counts and sites, and hops between them.
network::Attachment attachment_of(const Scenario& scenario);

/// Adds an error for each tier whose sites (tiers.NAME.sites) contradict the uplinks that devices
/// share (network.HOP.site.devices): one site must serve all devices of an uplink. REQUIRES: as
/// attachment_of().
void check_uplinks(const Scenario& scenario, std::vector<Mistake>& mistakes);

}  // namespace offcut::scenario
