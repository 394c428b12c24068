// The states of machines follow from two sums over time: how many were up, which is counted here,
// and how many cores were busy, which the books of the tier count. With an autoscaler, these books
// also count the machines that existed, all of which take power. A machine with several cores
// counts as busy for the share of its cores that are. Devices with batteries are followed one by
// one.

#include "sim/engine/energy/energy_books.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

namespace offcut::engine {

EnergyBooks::EnergyBooks(const Simulation& simulation, const Legs& legs, EventQueue& events,
                         Radios::Listener& radio_listener, Batteries::Listener& battery_listener)
    : simulation_(simulation), legs_(legs), events_(events) {
  const Tier& devices = simulation.tiers.front();
  for (const Tier& tier : simulation.tiers) {
    up_.push_back({.machines = static_cast<double>(tier.servers)});
  }
  for (const std::size_t hop : legs.hops_from_device()) {
    const Link& link = simulation.hops[hop];
    radios_.push_back(link.radio ? std::make_unique<Radios>(*link.radio, devices.servers, events,
                                                            radio_listener,
                                                            hop == 0 ? "" : link.name + " ")
                                 : nullptr);
    any_radio_ = any_radio_ || link.radio;
  }
  if (devices.battery) {
    batteries_.emplace(devices, radios_.empty() ? nullptr : radios_.front().get(), events,
                       battery_listener);
  }
}

void EnergyBooks::machine_down(std::size_t tier, std::size_t machine) {
  change(tier, -1);
  if (tier == 0 && batteries_) {
    batteries_->machine_down(machine);
  }
}

void EnergyBooks::machine_up(std::size_t tier, std::size_t machine) {
  change(tier, 1);
  if (tier == 0 && batteries_) {
    batteries_->machine_up(machine);
  }
}

void EnergyBooks::change(std::size_t tier, double machines) {
  Up& up = up_[tier];
  up.time += up.machines * (events_.now() - up.since);
  up.since = events_.now();
  up.machines += machines;
}

/// Returns the states of machines without a battery.
std::vector<EnergyState> EnergyBooks::machines(std::size_t tier, double end,
                                               const TierUsage& usage) const {
  const Tier& settings = simulation_.tiers[tier];
  const Up& up = up_[tier];
  const auto cores = static_cast<double>(settings.cores);
  const double whole =
      usage.is_scaled ? usage.existing.si() / cores : end * static_cast<double>(settings.servers);
  // An outage may come after the last request has ended. A machine of an autoscaler that fails no
  // longer exists.
  const double up_time =
      usage.is_scaled ? whole : std::min(up.time + up.machines * (end - up.since), whole);
  const double busy = usage.busy.si() / cores;
  if (busy > up_time + kMostEnergyError * whole) {
    throw std::logic_error(fmt::format("{} was busy for {:.17g} s and up for {:.17g} of {:.17g} s",
                                       usage.name, busy, up_time, whole));
  }
  std::vector<EnergyState> states;
  const auto add = [&](std::string name, double time, std::optional<Watts> power) {
    const Seconds spent(std::max(time, 0.0));
    states.push_back({.tier = tier,
                      .name = std::move(name),
                      .time = spent,
                      .energy = settings.power.pue * (power.value_or(Watts(0)) * spent),
                      .is_known = power.has_value()});
  };
  add("busy", busy, settings.power.busy);
  add("idle", up_time - busy, settings.power.idle);
  add("down", whole - up_time, Watts(0));
  return states;
}

std::optional<Joules> EnergyBooks::so_far(std::size_t tier, double now, const CoreTimes& cores) {
  const Tier& settings = simulation_.tiers[tier];
  const MachinePower& power = settings.power;
  if (tier == 0 && batteries_) {
    return batteries_->taken(now);
  }
  if (!power.is_known()) {
    return std::nullopt;
  }
  const Up& up = up_[tier];
  const auto of_each = static_cast<double>(settings.cores);
  const Seconds up_time(cores.existing ? *cores.existing / of_each
                                       : up.time + up.machines * (now - up.since));
  const Seconds busy_time(cores.busy / of_each);
  const Joules machines =
      power.pue * (*power.busy * busy_time + *power.idle * (up_time - busy_time));
  Joules all = machines;
  for (const std::unique_ptr<Radios>& radios : radios_) {
    all += tier == 0 && radios ? radios->taken(now) : Joules(0);
  }
  return all;
}

void EnergyBooks::close(double end, RunRecord& run) {
  const auto append = [&run](const std::vector<EnergyState>& states) {
    run.energy.insert(run.energy.end(), states.begin(), states.end());
  };
  for (std::size_t tier = 0; tier < run.tiers.size(); ++tier) {
    const bool has_battery = tier == 0 && batteries_;
    append(has_battery ? batteries_->close(end, run.tiers[tier])
                       : machines(tier, end, run.tiers[tier]));
    for (std::size_t i = 0; tier == 0 && i < radios_.size(); ++i) {
      const HopUsage& hop = run.hops[legs_.hops_from_device()[i]];
      if (radios_[i]) {
        append(radios_[i]->close(end, hop));
      } else if (radios_.size() > 1 && hop.up_messages + hop.up_lost > 0) {
        append({{.of_radio = true,
                 .name = hop.name,
                 .time = Seconds(end * static_cast<double>(simulation_.tiers[0].servers)),
                 .is_known = false}});
      }
    }
    if (has_battery) {
      run.batteries = batteries_->usage(run.energy);
    }
  }
}

}  // namespace offcut::engine
