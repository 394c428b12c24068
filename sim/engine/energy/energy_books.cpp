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
    : simulation_(simulation), legs_(legs), events_(events), battery_listener_(battery_listener) {
  for (const Tier& tier : simulation.tiers) {
    Machines& all = machines_.emplace_back(Machines{MachineGroups(tier), {}});
    for (std::size_t group = 0; group < all.groups.size(); ++group) {
      all.up.push_back({.machines = static_cast<double>(all.groups.machines(group))});
    }
  }
  std::vector<std::size_t> first = {0};  // The first device of each group.
  for (std::size_t group = 0; group < simulation.groups; ++group) {
    first.push_back(first.back() + simulation.tiers[group].servers);
  }
  for (const std::size_t hop : legs.hops_from_device()) {
    const Link& link = simulation.hops[hop];
    const std::size_t group = legs.from(hop);
    radios_.push_back(link.radio ? std::make_unique<Radios>(
                                       *link.radio, first[group], simulation.tiers[group].servers,
                                       events, radio_listener, link.direct ? link.name + " " : "")
                                 : nullptr);
    any_radio_ = any_radio_ || link.radio;
  }
  for (std::size_t group = 0; group < simulation.groups; ++group) {
    const Tier& devices = simulation.tiers[group];
    if (devices.battery) {
      batteries_.resize(simulation.groups);
      Radios* radios = group < radios_.size() ? radios_[group].get() : nullptr;
      batteries_[group] =
          std::make_unique<Batteries>(devices, group, radios, events, battery_listener);
    }
  }
}

Tier EnergyBooks::Meters::with_battery(Tier devices) {
  devices.battery = Battery{.capacity = Joules(kNever.si())};
  return devices;
}

void EnergyBooks::follow_devices() {
  for (std::size_t group = 0; group < simulation_.groups; ++group) {
    const Tier& devices = simulation_.tiers[group];
    if (!devices.battery && devices.power.is_known()) {
      meters_.resize(simulation_.groups);
      Radios* radios = group < radios_.size() ? radios_[group].get() : nullptr;
      meters_[group] = std::make_unique<Meters>(devices, group, radios, events_, battery_listener_);
    }
  }
}

void EnergyBooks::machine_down(std::size_t tier, std::size_t machine) {
  change(tier, machine, -1);
  if (Batteries* own = followers(tier)) {
    own->machine_down(machine);
  }
}

void EnergyBooks::machine_up(std::size_t tier, std::size_t machine) {
  change(tier, machine, 1);
  if (Batteries* own = followers(tier)) {
    own->machine_up(machine);
  }
}

void EnergyBooks::change(std::size_t tier, std::size_t machine, double machines) {
  Up& up = machines_[tier].up[machines_[tier].groups.group_of(machine)];
  up.time += up.machines * (events_.now() - up.since);
  up.since = events_.now();
  up.machines += machines;
}

/// Returns the states of a group's machines without batteries.
std::vector<EnergyState> EnergyBooks::machines(std::size_t tier, std::size_t group, double end,
                                               const TierUsage& usage) const {
  const MachineGroups& groups = machines_[tier].groups;
  const Up& up = machines_[tier].up[group];
  const auto cores = static_cast<double>(groups[group].cores);
  const double whole = usage.is_scaled ? usage.existing.si() / cores
                                       : end * static_cast<double>(groups.machines(group));
  // An outage may come after the last request has ended. A machine of an autoscaler that fails no
  // longer exists.
  const double up_time =
      usage.is_scaled ? whole : std::min(up.time + up.machines * (end - up.since), whole);
  const double busy = (groups.are_unlike() ? usage.groups[group].busy : usage.busy).si() / cores;
  if (busy > up_time + kMostEnergyError * whole) {
    throw std::logic_error(fmt::format("{} was busy for {:.17g} s and up for {:.17g} of {:.17g} s",
                                       usage.name, busy, up_time, whole));
  }
  const MachinePower& power = groups[group].power;
  std::vector<EnergyState> states;
  const auto add = [&](std::string name, double time, std::optional<Watts> draw) {
    const Seconds spent(std::max(time, 0.0));
    states.push_back({.tier = tier,
                      .group = group,
                      .name = std::move(name),
                      .time = spent,
                      .energy = power.pue * (draw.value_or(Watts(0)) * spent),
                      .is_known = draw.has_value()});
  };
  add("busy", busy, power.busy);
  add("idle", up_time - busy, power.idle);
  add("down", whole - up_time, Watts(0));
  return states;
}

std::optional<Joules> EnergyBooks::so_far(std::size_t tier, double now, const CoreTimes& cores) {
  if (Batteries* own = batteries(tier)) {
    return own->taken(now);
  }
  Joules taken(0);
  for (std::size_t i = 0; i < radios_.size(); ++i) {
    taken += radios_[i] && is_of(i, tier) ? radios_[i]->taken(now) : Joules(0);
  }
  const MachineGroups& groups = machines_[tier].groups;
  for (std::size_t group = 0; group < groups.size(); ++group) {
    const MachinePower& power = groups[group].power;
    if (!power.is_known()) {
      return std::nullopt;
    }
    const Up& up = machines_[tier].up[group];
    const auto of_each = static_cast<double>(groups[group].cores);
    const Seconds up_time(cores.existing ? *cores.existing / of_each
                                         : up.time + up.machines * (now - up.since));
    const Seconds busy_time((groups.are_unlike() ? cores.of_groups[group] : cores.busy) / of_each);
    taken = power.pue * (*power.busy * busy_time + *power.idle * (up_time - busy_time)) + taken;
  }
  return taken;
}

/// Appends the states of the radios of a group of devices, interface by interface. An interface of
/// several whose draw is unknown has one state if messages crossed it.
void EnergyBooks::close_radios(std::size_t tier, double end, const RunRecord& run,
                               std::vector<EnergyState>& states) {
  for (std::size_t i = 0; i < radios_.size(); ++i) {
    if (!is_of(i, tier)) {
      continue;
    }
    const HopUsage& hop = run.hops[legs_.hops_from_device()[i]];
    const bool has_others = radios_.size() > simulation_.groups;
    std::vector<EnergyState> of_radios;
    if (radios_[i]) {
      of_radios = radios_[i]->close(end, hop);
    } else if (has_others && hop.up_messages + hop.up_lost > 0) {
      of_radios = {{.of_radio = true,
                    .name = hop.name,
                    .time = Seconds(end * static_cast<double>(simulation_.tiers[tier].servers)),
                    .is_known = false}};
    }
    for (EnergyState& state : of_radios) {
      state.tier = tier;
      states.push_back(std::move(state));
    }
  }
}

/// Closes the books of the devices' radios and batteries, after those of their machines.
void EnergyBooks::close_devices(std::size_t tier, double end, RunRecord& run) {
  Batteries* batteries = this->batteries(tier);
  std::vector<EnergyState> states = batteries != nullptr ? batteries->close(end, run.tiers[tier])
                                                         : machines(tier, 0, end, run.tiers[tier]);
  close_radios(tier, end, run, states);
  if (batteries != nullptr) {
    const BatteryUsage own = batteries->usage(states);
    const bool is_first = run.batteries.devices == 0;
    const auto before = static_cast<double>(run.batteries.devices);
    const auto devices = static_cast<double>(simulation_.tiers[tier].servers);
    run.batteries.low += own.low;
    run.batteries.first_empty = run.batteries.empty > 0 && own.empty > 0
                                    ? std::min(run.batteries.first_empty, own.first_empty)
                                    : run.batteries.first_empty + own.first_empty;
    run.batteries.empty += own.empty;
    run.batteries.left =
        is_first ? own.left
                 : (run.batteries.left * before + own.left * devices) / (before + devices);
    run.batteries.devices += simulation_.tiers[tier].servers;
  }
  run.energy.insert(run.energy.end(), states.begin(), states.end());
}

void EnergyBooks::close(double end, RunRecord& run) {
  for (std::size_t tier = 0; tier < run.tiers.size(); ++tier) {
    if (tier < simulation_.groups) {
      close_devices(tier, end, run);
      continue;
    }
    for (std::size_t group = 0; group < machines_[tier].groups.size(); ++group) {
      const std::vector<EnergyState> states = machines(tier, group, end, run.tiers[tier]);
      run.energy.insert(run.energy.end(), states.begin(), states.end());
    }
  }
}

}  // namespace offcut::engine
