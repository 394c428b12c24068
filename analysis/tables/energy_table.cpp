// The columns of energy.csv.

#include "analysis/tables/energy_table.h"

#include <array>
#include <optional>
#include <string>

namespace offcut::analysis {
namespace {

std::string tier_name(const EnergyRow& row) {
  const engine::TierUsage& tier = row.run.record.tiers[row.state.tier];
  return tier.groups.empty() ? tier.name : tier.name + "." + tier.groups[row.state.group].name;
}

constexpr auto kEnergyColumns = std::to_array<Column<EnergyRow>>({
    {"algorithm", "", "The algorithm that made the plan, as in summary.csv.",
     [](const EnergyRow& row) { return std::string_view(row.run.algorithm); }},
    {"tier", "", "The tier's name; of unlike machines with a dot and the name of their group.",
     [](const EnergyRow& row) { return tier_name(row); }},
    {"part", "", "`machines`, or `radios` of the devices.",
     [](const EnergyRow& row) {
       return row.state.of_radio ? std::string_view("radios") : std::string_view("machines");
     }},
    {"state", "",
     "Of machines: `busy` (with several cores, for the share of them that are), `idle`, `down`; of "
     "devices with batteries also `busy in low power`, `idle in low power` and `empty`. Of radios: "
     "`idle`, `promotion` before a message, `transfer` while the link serves a message, "
     "`waiting` for an answer, `tail 1` and so on after the last byte. `tail after the run` is the "
     "part of tails that outlasts the run.",
     [](const EnergyRow& row) { return std::string_view(row.state.name); }},
    {"time_s", "s",
     "The time in this state, summed over machines. The states of a part add up to the number of "
     "machines times the run's duration, with an autoscaler to the time for which machines "
     "existed, "
     "except for `tail after the run`.",
     [](const EnergyRow& row) { return row.state.time; }},
    {"energy_j", "J",
     "The energy in this state: the time, multiplied by the power draw and the PUE. That of radios "
     "is in addition to the idle device. Empty if the power draw is unknown.",
     [](const EnergyRow& row) {
       return row.state.is_known ? std::optional(row.state.energy) : std::nullopt;
     }},
});

constexpr ColumnTable<EnergyRow> kEnergyTable{
    "energy.csv",
    "A row per run, tier and state of its machines, or of the devices' radios if they are known.",
    kEnergyColumns,
    "`analysis/tables/energy_table.cpp`, from `EnergyState` in `sim/engine/run_record.h`. The "
    "states are counted, and their sums checked, in `sim/engine/energy`."};

}  // namespace

const ColumnTable<EnergyRow>& energy_table() { return kEnergyTable; }

}  // namespace offcut::analysis
