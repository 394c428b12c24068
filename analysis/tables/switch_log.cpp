// The columns of switches.csv, and the log that creates the file with its first row.

#include "analysis/tables/switch_log.h"

#include <array>

namespace offcut::analysis {
namespace {

constexpr auto kSwitchColumns = std::to_array<Column<SwitchRow>>({
    {"time_s", "s", "The arrival of the first request that the new plan serves.",
     [](const SwitchRow& row) { return row.change.time; }},
    {"device", "", "The number of the device, from 0.",
     [](const SwitchRow& row) { return row.change.device; }},
    {"class", "", "The class of the requests; `all` if the scenario has no `classes`.",
     [](const SwitchRow& row) {
       return std::string_view(row.simulation.classes[row.change.request_class].name);
     }},
    {"from", "",
     "The number of the plan before, among those of the model in this run; 0 is that at the start.",
     [](const SwitchRow& row) { return row.change.from; }},
    {"to", "", "The number of the new plan.", [](const SwitchRow& row) { return row.change.to; }},
    {"from_layers", "",
     "The first and the last layer of the plan before on each tier that has any.",
     [](const SwitchRow& row) { return std::string_view(row.change.from_text); }},
    {"to_layers", "", "The same of the new plan.",
     [](const SwitchRow& row) { return std::string_view(row.change.to_text); }},
    {"estimate_bytes_per_s", "bytes/s",
     "The rate of the device's link upwards, without headers, as the device estimates it.",
     [](const SwitchRow& row) { return row.change.estimate; }},
    {"rate_bytes_per_s", "bytes/s", "The true rate at this time.",
     [](const SwitchRow& row) { return row.change.truth; }},
});

constexpr ColumnTable<SwitchRow> kSwitchTable{
    "switches.csv",
    "A row per change of the plan that serves a class's requests at a device, in the run of the "
    "chosen plan. There is no file without a change.",
    kSwitchColumns,
    "`analysis/tables/switch_log.cpp`. The changes come from `sim/experiment/moving_plans.cpp`."};

}  // namespace

const ColumnTable<SwitchRow>& switch_table() { return kSwitchTable; }

void SwitchLog::add(const experiment::PlanSwitch& change) {
  if (!file_) {
    file_ = std::make_unique<TableWriter<SwitchRow>>(path_, kSwitchTable.columns);
  }
  file_->add({simulation_, change});
}

void SwitchLog::close() {
  if (file_) {
    file_->close();
  }
}

}  // namespace offcut::analysis
