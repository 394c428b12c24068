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

}  // namespace

std::optional<Joules> machine_energy(const engine::RunRecord& record, std::size_t tier) {
  return sum_of(record, [&](const engine::EnergyState& state) {
    return state.tier == tier && !state.of_radio;
  });
}

std::optional<Joules> radio_energy(const engine::RunRecord& record) {
  const bool sent =
      std::any_of(record.hops.begin(), record.hops.end(), [](const engine::HopUsage& hop) {
        return hop.leaves_device && hop.up_messages + hop.up_lost > 0;
      });
  const auto known =
      sum_of(record, [](const engine::EnergyState& state) { return state.of_radio; });
  return known || sent ? known : std::optional(Joules(0));
}

std::optional<Joules> device_energy(const engine::RunRecord& record) {
  const auto machines = machine_energy(record, 0);
  const auto radios = radio_energy(record);
  return machines && radios ? std::optional(*machines + *radios) : std::nullopt;
}

std::optional<Joules> server_energy(const engine::RunRecord& record) {
  return sum_of(record, [](const engine::EnergyState& state) { return state.tier > 0; });
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
  const partition::Cost& cost = plan.cost;
  bool is_known = scenario.tiers.front().power.is_known();
  for (std::size_t hop = 0; hop < scenario.hops.size(); ++hop) {
    const scenario::HopChoice& choice = scenario.hops[hop];
    const bool leaves_device = choice.direct ? choice.direct->from == 0 : hop == 0;
    is_known = is_known && (!leaves_device || !cost.goes_up[hop] || choice.radio.has_value());
  }
  return is_known ? std::optional(cost.energy) : std::nullopt;
}

std::optional<Seconds> battery_life(const scenario::Scenario& scenario,
                                    const engine::RunRecord& record) {
  const scenario::TierChoice& devices = scenario.tiers.front();
  const auto energy = device_energy(record);
  if (!devices.battery || !energy) {
    return std::nullopt;
  }
  Joules taken = *energy;
  Seconds time;
  for (const engine::EnergyState& state : record.energy) {
    taken -= state.name.ends_with(engine::kTailAfterRun) ? state.energy : Joules(0);
    const bool is_alive = state.tier == 0 && !state.of_radio && state.name != engine::kBatteryEmpty;
    time += is_alive ? state.time : Seconds(0);
  }
  return taken > Joules(0) ? std::optional(devices.battery->capacity / taken * time) : std::nullopt;
}

double machine_money(const scenario::TierChoice& tier, const engine::TierUsage& usage,
                     Seconds duration) {
  return tier.price * machine_time(usage, duration).si() / kSecondsPerHour;
}

double traffic_money(const scenario::HopChoice& hop, const engine::HopUsage& usage) {
  return hop.price * (usage.up + usage.down).si() / kBytesPerGigabyte;
}

std::optional<double> run_money(const scenario::Scenario& scenario,
                                const engine::RunRecord& record) {
  const auto has_price = [](const auto& part) { return part.price > 0; };
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
