#pragma once

#include <memory>
#include <string>

#include "models/base/column_table.h"
#include "sim/engine/simulation.h"
#include "sim/experiment/moving_plans.h"

namespace offcut::analysis {

/// A change of plans, and the simulation with the names of its classes.
struct SwitchRow {
  const engine::Simulation& simulation;
  const experiment::PlanSwitch& change;
};

/// The columns of switches.csv.
const ColumnTable<SwitchRow>& switch_table();

/// Writes a row for each change of plans. Without any there is no file.
class SwitchLog {
 public:
  /// Without a call of add() there is no file. `simulation` must outlive it.
  SwitchLog(std::string path, const engine::Simulation& simulation)
      : path_(std::move(path)), simulation_(simulation) {}

  void add(const experiment::PlanSwitch& change);
  void close();

 private:
  std::string path_;
  const engine::Simulation& simulation_;
  std::unique_ptr<TableWriter<SwitchRow>> file_;
};

}  // namespace offcut::analysis
