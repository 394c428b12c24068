#pragma once

#include "sim/network/attachment.h"
#include "sim/scenario/scenario.h"

namespace offcut {

/// REQUIRES: the scenario has tiers, whose counts and sites are valid, and hops between them.
Attachment attachment_of(const Scenario& scenario);

/// Notes tiers whose sites (tiers.NAME.sites) do not agree with the uplinks that devices share
/// (network.HOP.site.devices): the devices of one uplink must be served by one site. The same
/// requirements.
void check_uplinks(const Scenario& scenario, std::vector<Mistake>& mistakes);

}  // namespace offcut
