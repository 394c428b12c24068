// Adds up the energy of a run's states, and the money for its machines and its traffic. An unknown
// power draw makes every sum unknown in which it would count for some time.

#include "analysis/statistics/energy_totals.h"

#include <algorithm>

namespace offcut::analysis {
namespace {

template <class Belongs>
std::optional<Joules> sum_of(const engine::RunRecord& record, Belongs belongs) {
  Joules sum;
  bool any = false;
  for (const engine::EnergyState& state : record.energy) {
    if (!belongs(state)) {
      continue;
    }
    if (!state.is_known && state.time > Seconds(0)) {
      return std::nullopt;
    }
    any = true;
    sum += state.energy;
  }
  return any ? std::optional(sum) : std::nullopt;
}

/// Returns the sum over the groups of devices; none if it is unknown for one of them.
template <class Value>
std::optional<Joules> sum_of_groups(const engine::RunRecord& record, Value value) {
  std::optional<Joules> sum = value(record, 0);
  for (std::size_t group = 1; group < device_groups(record); ++group) {
    const std::optional<Joules> own = value(record, group);
    sum = sum && own ? std::optional(*sum + *own) : std::nullopt;
  }
  return sum;
}

/// Returns how long the battery of a device of the group lasts.
std::optional<Seconds> life_of_batteries(const scenario::TierChoice& devices,
                                         const engine::RunRecord& record, std::size_t group) {
  const auto energy = device_energy(record, group);
  if (!devices.battery || !energy) {
    return std::nullopt;
  }
  Joules taken = *energy;
  Seconds time;
  for (const engine::EnergyState& state : record.energy) {
    if (state.tier != group) {
      continue;
    }
    taken -= state.name == engine::kTailAfterRun ? state.energy : Joules(0);
    time += !state.of_radio && state.name != engine::kBatteryEmpty ? state.time : Seconds(0);
  }
  return taken > Joules(0) ? std::optional(devices.battery->capacity / taken * time) : std::nullopt;
}

}  // namespace

std::size_t device_groups(const engine::RunRecord& record) {
  return std::max<std::size_t>(record.groups.size(), 1);
}

std::optional<Joules> machine_energy(const engine::RunRecord& record, std::size_t tier) {
  return sum_of(record, [&](const engine::EnergyState& state) {
    return state.tier == tier && !state.of_radio;
  });
}

std::optional<Joules> machine_energy(const engine::RunRecord& record, std::size_t tier,
                                     std::size_t group) {
  return sum_of(record, [&](const engine::EnergyState& state) {
    return state.tier == tier && state.group == group && !state.of_radio;
  });
}

std::optional<Joules> radio_energy(const engine::RunRecord& record, std::size_t group) {
  bool sent = false;
  for (std::size_t hop = 0; hop < record.hops.size(); ++hop) {  // Only a lone group has several.
    const engine::HopUsage& usage = record.hops[hop];
    const bool is_own = usage.leaves_device && (hop == group || record.groups.empty());
    sent = sent || (is_own && usage.up_messages + usage.up_lost > 0);
  }
  const auto known = sum_of(record, [&](const engine::EnergyState& state) {
    return state.of_radio && state.tier == group;
  });
  return known || sent ? known : std::optional(Joules(0));
}

std::optional<Joules> device_energy(const engine::RunRecord& record, std::size_t group) {
  const auto machines = machine_energy(record, group);
  const auto radios = radio_energy(record, group);
  return machines && radios ? std::optional(*machines + *radios) : std::nullopt;
}

std::optional<Joules> radio_energy(const engine::RunRecord& record) {
  return sum_of_groups(record, [](const engine::RunRecord& run, std::size_t group) {
    return radio_energy(run, group);
  });
}

std::optional<Joules> device_energy(const engine::RunRecord& record) {
  return sum_of_groups(record, [](const engine::RunRecord& run, std::size_t group) {
    return device_energy(run, group);
  });
}

std::optional<Joules> device_state_energy(const engine::RunRecord& record, std::string_view name) {
  return sum_of_groups(record, [name](const engine::RunRecord& run, std::size_t group) {
    return state_energy(run, group, name);
  });
}

std::optional<Joules> server_energy(const engine::RunRecord& record) {
  return sum_of(record, [&](const engine::EnergyState& state) {
    return state.tier >= device_groups(record);
  });
}

std::optional<Joules> state_energy(const engine::RunRecord& record, std::size_t tier,
                                   std::string_view name) {
  return sum_of(record, [&](const engine::EnergyState& state) {
    return state.tier == tier && !state.of_radio &&
           (state.name == name || state.name == std::string(name) + engine::kInLowPower);
  });
}

std::optional<Joules> planned_energy(const scenario::Scenario& scenario,
                                     const partition::Plan& plan) {
  const std::optional<partition::Cost> cost = plan.request_cost();
  if (!cost) {
    return std::nullopt;
  }
  bool is_known = scenario.tiers.front().power.is_known();
  for (std::size_t hop = 0; hop < scenario.hops.size(); ++hop) {
    const scenario::HopChoice& choice = scenario.hops[hop];
    const bool leaves_device = choice.direct ? choice.direct->from == 0 : hop == 0;
    is_known = is_known && (!leaves_device || !cost->goes_up[hop] || choice.radio.has_value());
  }
  return is_known ? std::optional(cost->energy) : std::nullopt;
}

std::optional<Seconds> battery_life(const scenario::Scenario& scenario,
                                    const engine::RunRecord& record) {
  std::optional<Seconds> shortest;
  for (std::size_t group = 0; group < scenario.groups; ++group) {
    const std::optional<Seconds> life = life_of_batteries(scenario.tiers[group], record, group);
    shortest = life && shortest ? std::min(*life, *shortest) : life ? life : shortest;
  }
  return shortest;
}

double machine_money(const scenario::TierChoice& tier, const engine::TierUsage& usage,
                     Seconds duration) {
  if (tier.machines.empty()) {
    return tier.price * machine_time(usage, duration).si() / kSecondsPerHour;
  }
  double sum = 0;
  for (std::size_t group = 0; group < usage.groups.size(); ++group) {
    const auto machines = static_cast<double>(usage.groups[group].machines);
    sum += tier.machines[group].price * machines * duration.si() / kSecondsPerHour;
  }
  return sum;
}

double traffic_money(const scenario::HopChoice& hop, const engine::HopUsage& usage) {
  return hop.price * (usage.up + usage.down).si() / kBytesPerGigabyte;
}

std::optional<double> run_money(const scenario::Scenario& scenario,
                                const engine::RunRecord& record) {
  const auto has_price = [](const auto& part) { return scenario::has_price(part); };
  if (std::none_of(scenario.tiers.begin(), scenario.tiers.end(), has_price) &&
      std::none_of(scenario.hops.begin(), scenario.hops.end(), has_price)) {
    return std::nullopt;
  }
  double sum = 0;
  for (std::size_t i = 0; i < record.tiers.size(); ++i) {
    sum += machine_money(scenario.tiers[i], record.tiers[i], record.duration);
  }
  for (std::size_t i = 0; i < record.hops.size(); ++i) {
    sum += traffic_money(scenario.hops[i], record.hops[i]);
  }
  return sum;
}

}  // namespace offcut::analysis
