#include "sim/engine/core/mobility_rules.h"

#include <algorithm>
#include <cmath>

namespace offcut::engine {

void check_mobility(const Simulation& simulation, Findings& findings) {
  if (!simulation.mobility || !findings.all().empty()) {
    return;
  }
  const Mobility& mobility = *simulation.mobility;
  findings.set_subject("mobility");
  findings.require(mobility.movement != nullptr && is_time(mobility.interruption) &&
                       is_time(mobility.latency) && mobility.state >= Bytes(0) &&
                       std::isfinite(mobility.state.si()) && mobility.backbone > BytesPerSecond(0),
                   "there must be a movement, its times and the state must be finite and not "
                   "negative, and the backbone's rate positive");
  findings.require(simulation.own_links && !simulation.teams,
                   "only the engine's own links serve devices that move, and teams do not move");
  findings.require(std::none_of(simulation.hops.begin(), simulation.hops.end(),
                                [](const Link& hop) { return hop.direct.has_value(); }),
                   "devices with direct hops do not move");
  if (simulation.tiers.size() == simulation.groups) {
    findings.require(false, "there must be a later tier, between whose sites devices move");
    return;
  }
  const network::Attachment attachment =
      attachment_of(simulation.tiers, simulation.hops, simulation.groups);
  for (std::size_t tier = simulation.groups; tier < simulation.tiers.size(); ++tier) {
    for (std::size_t group = 0; group < simulation.groups; ++group) {
      findings.require(!attachment.splits_place(tier, group),
                       "devices at one place must have the same site of each tier");
    }
  }
}

}  // namespace offcut::engine
