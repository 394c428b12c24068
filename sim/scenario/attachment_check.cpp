#include "sim/scenario/attachment_check.h"

#include <fmt/format.h>

#include "models/base/readable.h"

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
           fmt::format("tiers.{}.sites: each of {} serves up to {}{}, but an uplink of {} "
                       "({}.site.devices) leads to one site only: expected uplinks "
                       "of as many devices as a site serves, or of a divisor of that number",
                       tier.name, counted(tier.sites, "site"),
                       counted(attachment.devices_per_site(i, group), "device"), of_group,
                       counted(hop.site->devices, "device"), hop.section)});
    }
  }
}

}  // namespace offcut::scenario
