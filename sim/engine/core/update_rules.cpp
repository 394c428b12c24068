// The rules for updates that can be simulated.

#include "sim/engine/core/update_rules.h"

#include <algorithm>
#include <cmath>

namespace offcut::engine {
namespace {

constexpr double kShortest = 1e-6;

bool is_in_long_leg(const Simulation& simulation, std::size_t hop) {
  const auto& legs = simulation.long_legs;
  return std::any_of(legs.begin(), legs.end(), [&](const std::vector<std::size_t>& leg) {
    return std::find(leg.begin(), leg.end(), level_of(hop, simulation.groups)) != leg.end();
  });
}

void check_schedule(const UpdateSchedule& schedule, Findings& findings) {
  findings.require(std::all_of(schedule.at.begin(), schedule.at.end(), is_time) &&
                       std::is_sorted(schedule.at.begin(), schedule.at.end()) &&
                       is_time(schedule.first),
                   "times must be finite, not negative and ascending");
  findings.require(
      !schedule.every || (schedule.every->si() >= kShortest && std::isfinite(schedule.every->si())),
      "there must be a microsecond or more between two messages");
}

/// Checks that messages in the background can be paused on a hop, and that others may share it.
void check_hop(const Simulation& simulation, std::size_t hop, bool up, bool is_background,
               Findings& findings) {
  const Link& link = simulation.hops[hop];
  findings.require(!is_background || (is_served_by_engine(simulation, hop, up) && !link.cell),
                   "messages in the background need links that the engine serves itself, and no "
                   "Wi-Fi cell");
  const bool is_limit = up && hop < simulation.groups && !link.shared &&
                        (link.site || is_in_long_leg(simulation, hop));
  findings.require(is_background || !is_limit,
                   "a device that sends one message at a time uploads data in the background only");
}

}  // namespace

void check_updates(const Simulation& simulation, Findings& findings) {
  if (!simulation.updates) {
    return;
  }
  findings.set_subject("updates");
  const std::size_t tiers = simulation.tiers.size();
  findings.require(tiers > simulation.groups, "there must be a later tier");
  findings.require(!simulation.mobility, "devices must stay where they are");
  for (const ModelUpdate& update : simulation.updates->models) {
    check_schedule(update.schedule, findings);
    findings.require(!update.classes.empty() &&
                         std::is_sorted(update.classes.begin(), update.classes.end()) &&
                         update.classes.back() < simulation.classes.size(),
                     "a model must have classes, in ascending order");
    const bool has_bytes = update.bytes.size() == tiers &&
                           std::all_of(update.bytes.begin(), update.bytes.end(), is_size);
    findings.require(has_bytes, "each tier must have a whole number of bytes");
    for (std::size_t tier = 0; has_bytes && tier + 1 < tiers; ++tier) {
      check_hop(simulation, tier, false, update.is_background, findings);
    }
  }
  for (const DataUpload& upload : simulation.updates->uploads) {
    check_schedule(upload.schedule, findings);
    findings.require(upload.tier + 1 < tiers, "data must come from a tier before the last one");
    findings.require(is_size(upload.bytes) && upload.bytes >= Bytes(1),
                     "data must have a whole number of bytes");
    for (std::size_t tier = upload.tier; tier + 1 < tiers;
         tier = std::max(tier + 1, simulation.groups)) {
      check_hop(simulation, tier, true, upload.is_background, findings);
    }
  }
}

}  // namespace offcut::engine
