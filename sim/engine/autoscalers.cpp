// The clock of autoscalers. Each decision is an event of its tier; so is the end of each start. As
// in Kubernetes' Horizontal Pod Autoscaler, a site gets more machines at once, but fewer only if no
// decision within the delay called for more: its "stabilization window".

#include "sim/engine/autoscalers.h"

#include <algorithm>

namespace offcut::engine {

Autoscalers::Autoscalers(const Simulation& simulation, const network::Attachment& attachment,
                         EventQueue& events, Computing& computing, Recovery& recovery)
    : simulation_(simulation), events_(events), computing_(computing), recovery_(recovery) {
  for (std::size_t tier = 0; tier < simulation.tiers.size(); ++tier) {
    const auto& autoscaler = simulation.tiers[tier].autoscaler;
    if (!autoscaler) {
      continue;
    }
    ScaledTier& scaled = tiers_.emplace_back();
    scaled.tier = tier;
    for (std::size_t site = 0; site < attachment.sites(tier); ++site) {
      scaled.sites.push_back({.policy = scheduling::CheckedAutoscaling(autoscaler->policy),
                              .wishes = {{0, autoscaler->at_start}}});
    }
    for (std::size_t machine = 0; machine < simulation.tiers[tier].servers; ++machine) {
      scaled.machines.push_back({.tier = tier, .number = machine});
    }
  }
}

void Autoscalers::start() {
  for (ScaledTier& scaled : tiers_) {
    schedule_decision(scaled);
  }
}

void Autoscalers::schedule_decision(ScaledTier& scaled) {
  const Seconds interval = simulation_.tiers[scaled.tier].autoscaler->interval;
  const double time = static_cast<double>(++scaled.decisions) * interval.si();
  events_.schedule_in_background(time, *this, kDecide, 0, &scaled);
}

void Autoscalers::handle(std::uint32_t kind, std::uint32_t number, void* subject) {
  if (kind == kDecide) {
    decide(*static_cast<ScaledTier*>(subject));
    return;
  }
  const Machine& machine = *static_cast<Machine*>(subject);
  if (machine.starts == number && computing_.is_starting(machine.tier, machine.number)) {
    computing_.machine_ready(machine.tier, machine.number);
    recovery_.comes_up({.is_link = false, .position = machine.tier, .index = machine.number});
  }
}

void Autoscalers::decide(ScaledTier& scaled) {
  for (std::size_t site = 0; site < scaled.sites.size(); ++site) {
    decide_for_site(scaled, site);
  }
  schedule_decision(scaled);
}

void Autoscalers::decide_for_site(ScaledTier& scaled, std::size_t site) {
  const Tier& tier = simulation_.tiers[scaled.tier];
  const Autoscaler& autoscaler = *tier.autoscaler;
  const double now = events_.now();
  // A decision that is exactly as old as the delay counts no more, whatever rounding makes of it.
  constexpr double kRounding = 1e-9;
  const double oldest =
      now - autoscaler.scale_down_after.si() + kRounding * autoscaler.interval.si();
  Site& state = scaled.sites[site];
  const scheduling::SiteLoad load = computing_.read_load(scaled.tier, site);
  const std::size_t desired = std::clamp(state.policy.desired(load, Seconds(now)), autoscaler.least,
                                         tier.servers / tier.sites);
  add(state.wishes, {now, desired});
  while (state.wishes.size() > 1 && state.wishes.front().time <= oldest) {
    state.wishes.pop_front();
  }
  std::size_t machines = load.machines;
  for (; machines < desired; ++machines) {
    const auto started = computing_.start_machine(scaled.tier, site);
    if (!started) {
      return;  // All others finish what they have begun, or are down.
    }
    start_machine(scaled, *started);
  }
  for (; machines > state.wishes.front().machines; --machines) {
    computing_.stop_machine(scaled.tier, site);
  }
}

/// Keeps the wishes that may be the largest of a time that ends later.
void Autoscalers::add(Wishes& wishes, Wish wish) {
  while (!wishes.empty() && wishes.back().machines <= wish.machines) {
    wishes.pop_back();
  }
  wishes.push_back(wish);
}

void Autoscalers::start_machine(ScaledTier& scaled, std::size_t number) {
  Machine& machine = scaled.machines[number];
  const Seconds start_up = simulation_.tiers[scaled.tier].autoscaler->start_up;
  events_.schedule_in_background(events_.now() + start_up.si(), *this, kReady, ++machine.starts,
                                 &machine);
}

}  // namespace offcut::engine
