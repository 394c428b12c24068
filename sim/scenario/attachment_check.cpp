#include "sim/scenario/attachment_check.h"

#include <fmt/format.h>

namespace offcut::scenario {

network::Attachment attachment_of(const Scenario& scenario) {
  network::Attachment::Access access{.devices = scenario.tiers.front().servers};
  if (!scenario.hops.empty()) {
    const HopChoice& first = scenario.hops.front();
    access.shared = first.shared;
    if (first.site) {
      access.devices_per_uplink = first.site->devices;
    }
  }
  std::vector<network::Attachment::Machines> later;
  for (std::size_t i = 1; i < scenario.tiers.size(); ++i) {
    later.push_back({scenario.tiers[i].servers, scenario.tiers[i].sites});
  }
  return {access, later};
}

void check_uplinks(const Scenario& scenario, std::vector<Mistake>& mistakes) {
  const network::Attachment attachment = attachment_of(scenario);
  for (std::size_t i = 1; i < scenario.tiers.size(); ++i) {
    if (!attachment.splits_uplink(i)) {
      continue;
    }
    const TierChoice& tier = scenario.tiers[i];
    const HopChoice& hop = scenario.hops.front();
    mistakes.push_back(
        {tier.sites_place,
         fmt::format("tiers.{}.sites: {} sites serve {} devices each, but {} devices share an "
                     "uplink (network.{}.site.devices), which can lead to one site only: "
                     "expected uplinks of {} devices, or of a divisor of that",
                     tier.name, tier.sites, attachment.devices_per_site(i), hop.site->devices,
                     hop.name, attachment.devices_per_site(i))});
  }
}

}  // namespace offcut::scenario
