// The states of machines follow from two sums over time: how many were up, which is counted here,
// and how many cores were busy, which the books of the tier count. A machine with several cores
// counts as busy for the share of its cores that are.

#include "sim/engine/energy/energy_books.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>
#include <stdexcept>

namespace offcut::engine {

EnergyBooks::EnergyBooks(const Simulation& simulation, EventQueue& events,
                         Radios::Listener& listener)
    : simulation_(simulation), events_(events) {
  for (const Tier& tier : simulation.tiers) {
    up_.push_back({.machines = static_cast<double>(tier.servers)});
  }
  if (!simulation.hops.empty() && simulation.hops.front().radio) {
    radios_.emplace(simulation.hops.front(), simulation.tiers.front().servers, events, listener);
  }
}

void EnergyBooks::change(std::size_t tier, double machines) {
  Up& up = up_[tier];
  up.time += up.machines * (events_.now() - up.since);
  up.since = events_.now();
  up.machines += machines;
}

void EnergyBooks::add_machines(std::size_t tier, double end, const TierUsage& usage,
                               std::vector<EnergyState>& states) const {
  constexpr double kMostError = 1e-9;
  const Tier& settings = simulation_.tiers[tier];
  const Up& up = up_[tier];
  const double whole = end * static_cast<double>(settings.servers);
  // An outage may come after the last request has ended.
  const double up_time = std::min(up.time + up.machines * (end - up.since), whole);
  const double busy = usage.busy.si() / static_cast<double>(settings.cores);
  if (busy > up_time + kMostError * whole) {
    throw std::logic_error(fmt::format("{} was busy for {:.17g} s and up for {:.17g} of {:.17g} s",
                                       usage.name, busy, up_time, whole));
  }
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
}

std::vector<EnergyState> EnergyBooks::close(double end, const RunRecord& run) {
  std::vector<EnergyState> states;
  for (std::size_t tier = 0; tier < run.tiers.size(); ++tier) {
    add_machines(tier, end, run.tiers[tier], states);
    if (tier == 0 && radios_) {
      std::vector<EnergyState> radio = radios_->close(end, run.hops.front());
      std::move(radio.begin(), radio.end(), std::back_inserter(states));
    }
  }
  return states;
}

}  // namespace offcut::engine
