#pragma once

#include <optional>

#include "analysis/statistics/run_summary.h"
#include "sim/scenario/scenario.h"

namespace offcut::analysis {

/// Return sums over the states of a run's energy. None if a power draw is unknown in a state in
/// which machines spent time.
std::optional<Joules> machine_energy(const engine::RunRecord& record, std::size_t tier);
/// The machines of a group of the tier.
std::optional<Joules> machine_energy(const engine::RunRecord& record, std::size_t tier,
                                     std::size_t group);
/// The devices' radios. It is 0 if no device sent a message, even if the radio is unknown.
std::optional<Joules> radio_energy(const engine::RunRecord& record);
/// Those of a group of devices.
std::optional<Joules> radio_energy(const engine::RunRecord& record, std::size_t group);
/// The devices with their radios.
std::optional<Joules> device_energy(const engine::RunRecord& record);
std::optional<Joules> device_energy(const engine::RunRecord& record, std::size_t group);
/// All later tiers; none if there is none.
std::optional<Joules> server_energy(const engine::RunRecord& record);
/// One state of a tier's machines, also in low-power mode: "busy", "idle".
std::optional<Joules> state_energy(const engine::RunRecord& record, std::size_t tier,
                                   std::string_view state);
/// The same of all devices.
std::optional<Joules> device_state_energy(const engine::RunRecord& record, std::string_view state);
/// Returns the number of groups of devices.
std::size_t device_groups(const engine::RunRecord& record);

/// Returns the device's energy for one request under the plan; none if it is unknown.
std::optional<Joules> planned_energy(const scenario::Scenario& scenario,
                                     const partition::Plan& plan);

/// Returns how long a full battery of a device lasts at the mean power draw of all devices over the
/// run, for as long as their batteries were not empty; of several groups, the shortest time. None
/// without a battery, or if the power draw is 0 or unknown.
std::optional<Seconds> battery_life(const scenario::Scenario& scenario,
                                    const engine::RunRecord& record);

/// Returns the price of a tier's machines in a run: they are paid by the hour for which they exist,
/// busy or not.
double machine_money(const scenario::TierChoice& tier, const engine::TierUsage& usage,
                     Seconds duration);
/// Returns the price of a hop's traffic, in both directions, without messages that were lost.
double traffic_money(const scenario::HopChoice& hop, const engine::HopUsage& usage);
/// Returns the price of all machines and all traffic of a run; none if nothing has a price.
std::optional<double> run_money(const scenario::Scenario& scenario,
                                const engine::RunRecord& record);

}  // namespace offcut::analysis
