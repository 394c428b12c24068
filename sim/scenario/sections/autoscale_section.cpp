// Reads the autoscaler of a tier: its policy, its bounds and its times. Numbers of machines are
// those of each site, since each site scales by itself.

#include "sim/scenario/sections/autoscale_section.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/base/readable.h"

namespace offcut::scenario {
namespace {

// Shorter intervals would fill a run with nothing but decisions.
constexpr Bounds kInterval{1e-3, kMostSeconds};

constexpr KeySpec kAutoscale[] = {
    {.name = "policy",
     .kind = ValueKind::name,
     .noun = "autoscaling policy",
     .registry = "autoscaling",
     .fallback = "utilisation",
     .doc = "The policy that decides how many machines a site needs. Its parameters stand beside "
            "it.",
     .example = "autoscale: {policy: queue, target: 4, max: 8}"},
    {.name = "min",
     .kind = ValueKind::whole,
     .bounds = {1, kMostMachines},
     .fallback = "1",
     .doc = "The smallest number of machines of each site.",
     .example = "autoscale: {min: 1, max: 8}"},
    {.name = "max",
     .kind = ValueKind::whole,
     .bounds = {1, kMostMachines},
     .absent = "`count` / `sites`",
     .doc = "The largest number of machines of each site. It includes those that start, and those "
            "that finish what they have begun.",
     .example = "autoscale: {min: 1, max: 8}"},
    {.name = "start-up",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .fallback = "30 s",
     .doc = "The time from a decision until the new machine serves. It is paid for meanwhile.",
     .example = "autoscale: {max: 8, start-up: 45 s}"},
    {.name = "interval",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kInterval,
     .fallback = "15 s",
     .doc = "The time between two decisions. Each goes by the mean load since the one before.",
     .example = "autoscale: {max: 8, interval: 10 s}"},
    {.name = "scale-down-after",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .fallback = "5 min",
     .doc = "The time for which all decisions must call for fewer machines before any is taken "
            "away; 0: none.",
     .example = "autoscale: {max: 8, scale-down-after: 1 min}"},
};

/// Reads the policy with its parameters.
scheduling::Choice<scheduling::AutoscalingKind> read_policy(MapReader& reader,
                                                            const Registries& registries) {
  scheduling::Choice<scheduling::AutoscalingKind> choice;
  const auto name = reader.one_of("policy", registries.autoscaling.names());
  if (!name) {
    reader.ignore_rest();
    return choice;
  }
  choice.kind = registries.autoscaling.find(*name);
  choice.parameters = reader.parameters(choice.kind->parameters);
  choice.chosen_at = reader.place("policy");
  return choice;
}

/// Checks the numbers of machines of each site.
void check_machines(MapReader& tier, MapReader& reader, const TierChoice& choice,
                    const engine::Autoscaler& autoscaler, std::size_t most) {
  const double cores = static_cast<double>(most) * static_cast<double>(choice.sites) *
                       static_cast<double>(choice.cores);
  if (autoscaler.least > most) {
    reader.error("min", fmt::format("must be at most 'max' ({}), got {}", most, autoscaler.least));
  } else if (autoscaler.at_start < autoscaler.least || autoscaler.at_start > most) {
    tier.error("count", fmt::format("each site would begin with {}: expected 'autoscale.min' ({}) "
                                    "to 'autoscale.max' ({})",
                                    autoscaler.at_start, autoscaler.least, most));
  } else if (cores > kMostMachines) {
    reader.error("max", fmt::format("{} of {} at each of {}; a tier has at most {:.0f} cores",
                                    counted(most, "machine"), counted(choice.cores, "core"),
                                    counted(choice.sites, "site"), kMostMachines));
  }
}

}  // namespace

constinit const KeyTable kAutoscaleKeys{
    .doc =
        "The autoscaler of a tier. Numbers of machines are those of each site, which scales by "
        "itself; at the start, there are those of `count`.",
    .keys = kAutoscale};

void read_autoscaler(MapReader& tier, ReadSoFar& so_far, TierChoice& choice) {
  if (tier.raw("autoscale") == nullptr) {
    return;
  }
  if (so_far.scenario.tiers.size() <= so_far.scenario.groups) {
    tier.error("autoscale", "only later tiers are scaled; the first one has a machine per device");
    return;
  }
  if (!choice.machines.empty()) {
    tier.error("autoscale", "the machines of 'groups' are not scaled: expected one of the two");
    return;
  }
  const std::size_t before = so_far.diagnostics.size();
  MapReader reader = tier.map("autoscale");
  engine::Autoscaler autoscaler;
  autoscaler.policy = read_policy(reader, so_far.registries);
  autoscaler.at_start = choice.servers / std::max<std::size_t>(choice.sites, 1);
  autoscaler.least = reader.count("min");
  const std::size_t most = reader.raw("max") != nullptr ? reader.count("max") : autoscaler.at_start;
  autoscaler.start_up = reader.quantity<Seconds>("start-up");
  autoscaler.interval = reader.quantity<Seconds>("interval");
  autoscaler.scale_down_after = reader.quantity<Seconds>("scale-down-after");
  reader.done();
  if (so_far.diagnostics.size() == before && choice.count_known) {
    check_machines(tier, reader, choice, autoscaler, most);
  }
  if (so_far.diagnostics.size() == before) {
    choice.servers = most * choice.sites;
    choice.autoscaler = std::move(autoscaler);
  }
}

}  // namespace offcut::scenario
