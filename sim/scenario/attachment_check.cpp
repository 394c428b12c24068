#include "sim/scenario/attachment_check.h"

#include <fmt/format.h>

namespace offcut::scenario {

void check_uplinks(const Scenario& scenario, std::vector<Diagnostic>& diagnostics) {
  const network::Attachment attachment = engine::attachment_of(scenario.tiers, scenario.hops);
  for (std::size_t i = 1; i < scenario.tiers.size(); ++i) {
    if (!attachment.splits_uplink(i)) {
      continue;
    }
    const TierChoice& tier = scenario.tiers[i];
    const HopChoice& hop = scenario.hops.front();
    diagnostics.push_back(
        {tier.sites_place,
         fmt::format(
             "tiers.{}.sites: each of {} sites serves up to {} devices, but an uplink of {} "
             "devices (network.{}.site.devices) leads to one site only: expected uplinks "
             "of as many devices as a site serves, or of a divisor of that number",
             tier.name, tier.sites, attachment.devices_per_site(i), hop.site->devices, hop.name)});
  }
}

}  // namespace offcut::scenario
