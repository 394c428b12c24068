#pragma once

#include "sim/scenario/scenario.h"

namespace offcut::scenario {

/// Adds an error for each tier whose sites (tiers.NAME.sites) contradict the uplinks that devices
/// share (network.HOP.site.devices): one site must serve all devices of an uplink. REQUIRES: the
/// scenario has tiers with valid counts and sites, and hops between them.
void check_uplinks(const Scenario& scenario, std::vector<Diagnostic>& diagnostics);

}  // namespace offcut::scenario
