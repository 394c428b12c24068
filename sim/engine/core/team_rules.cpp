#include "sim/engine/core/team_rules.h"

#include <algorithm>
#include <cmath>

namespace offcut::engine {

void check_team(const Simulation& simulation, const Itinerary& itinerary, Findings& findings) {
  if (itinerary.team.empty()) {
    return;
  }
  const bool has_others =
      std::any_of(itinerary.stages.begin(), itinerary.stages.end(),
                  [](const Stage& stage) { return stage.used || stage.tail > Seconds(0); }) ||
      std::any_of(itinerary.crossings.begin(), itinerary.crossings.end(),
                  [](const Crossing& crossing) { return crossing.goes_up || crossing.comes_down; });
  findings.require(simulation.teams && !has_others,
                   "an itinerary of a team needs one, and no tier or hop");
  const std::size_t machines = simulation.teams ? simulation.teams->machines : 0;
  for (const partition::TeamPhase& phase : itinerary.team) {
    for (const partition::TeamStrand& strand : phase) {
      for (const partition::TeamStep& step : strand) {
        findings.require(
            step.machine < machines && is_time(step.time) && step.bytes >= Bytes(0) &&
                std::isfinite(step.bytes.si()),
            "the steps of a team must name its machines, and their times and bytes must be "
            "finite and not negative");
      }
    }
  }
}

void check_teams(const Simulation& simulation, Findings& findings) {
  if (!simulation.teams) {
    return;
  }
  const Teams& teams = *simulation.teams;
  const Tier& devices = simulation.tiers[0];
  findings.set_subject("teams");
  findings.require(
      teams.machines > 0 && devices.servers % std::max<std::size_t>(teams.machines, 1) == 0,
      "the machines of the first tier must be a multiple of those of a team");
  findings.require(teams.bandwidth > BytesPerSecond(0) && std::isfinite(teams.bandwidth.si()) &&
                       is_time(teams.latency),
                   "the bandwidth must be positive, the latency not negative, and both finite");
  findings.require(
      !devices.faults.any() && !devices.battery && !devices.scheduling.admission &&
          devices.slowness.empty(),
      "machines of teams do not fail, have no batteries and no speeds of their own, and "
      "reject nothing");
  for (const RequestClass& request_class : simulation.classes) {
    findings.require(request_class.time_out.after == kNever, "requests of teams do not give up");
  }
}

}  // namespace offcut::engine
