#include "sim/scenario/attachment_check.h"

#include <fmt/format.h>

namespace offcut::scenario {

void check_uplinks(const Scenario& scenario, std::vector<Diagnostic>& diagnostics) {
  const network::Attachment attachment =
      engine::attachment_of(scenario.tiers, scenario.hops, scenario.groups);
  for (std::size_t i = scenario.groups; i < scenario.tiers.size(); ++i) {
    for (std::size_t group = 0; group < scenario.groups; ++group) {
      if (!attachment.splits_uplink(i, group)) {
        continue;
      }
      const TierChoice& tier = scenario.tiers[i];
      const HopChoice& hop = scenario.hops[group];
      const std::string of_group =
          scenario.groups > 1 ? " of " + in_quotes(scenario.tiers[group].name) : "";
      diagnostics.push_back(
          {tier.sites_place,
           fmt::format(
               "tiers.{}.sites: each of {} sites serves up to {} devices{}, but an uplink of {} "
               "devices ({}.site.devices) leads to one site only: expected uplinks "
               "of as many devices as a site serves, or of a divisor of that number",
               tier.name, tier.sites, attachment.devices_per_site(i, group), of_group,
               hop.site->devices, hop.section)});
    }
  }
}

}  // namespace offcut::scenario
