// Copies the tiers and hops of a scenario, and takes out of them whatever varies.

#include "sim/experiment/idle_system.h"

namespace offcut::experiment {
namespace {

engine::Tier idle_tier(const scenario::TierChoice& choice) {
  engine::Tier tier = choice;
  tier.noise = {};
  tier.faults = {};
  tier.power = {};
  tier.battery.reset();
  for (engine::MachineGroup& group : tier.groups) {
    group.noise = {};
    group.power = {};
  }
  return tier;
}

/// `is_fixed`: its moving rates are those of single devices, which stay as they are.
engine::Link idle_link(const scenario::HopChoice& choice, bool is_fixed) {
  engine::Link link = choice;
  link.faults = {};
  if (!is_fixed) {
    link.moving_rates = {};
  }
  link.moving_latency = {};
  if (link.site) {
    link.site->moving_rates = {};
  }
  if (link.jitter) {  // As in idle_hop(): without a part in the round trip of TCP.
    link.hop.per_message += link.jitter->mean;
  }
  link.jitter.reset();
  link.loss.reset();
  return link;
}

}  // namespace

engine::Simulation idle_system(const scenario::Scenario& scenario) {
  engine::Simulation simulation;
  simulation.seed = scenario.seed;
  simulation.own_links = scenario.own_links;
  simulation.groups = scenario.groups;
  for (const scenario::TierChoice& tier : scenario.tiers) {
    simulation.tiers.push_back(idle_tier(tier));
  }
  for (std::size_t hop = 0; hop < scenario.hops.size(); ++hop) {
    const bool has_own_rates = hop < scenario.groups && !scenario.tiers[hop].link_rates.empty();
    simulation.hops.push_back(idle_link(scenario.hops[hop], has_own_rates));
  }
  return simulation;
}

}  // namespace offcut::experiment
