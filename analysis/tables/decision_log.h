#pragma once

#include <string>

#include "models/base/column_table.h"
#include "sim/engine/simulation.h"

namespace offcut::analysis {

/// A decision, and the simulation with the names of its classes and tiers.
struct DecisionRow {
  const engine::Simulation& simulation;
  const engine::Decision& decision;
};

/// The columns of decisions.csv.
const ColumnTable<DecisionRow>& decision_table();

/// Writes a row for each dispatch and admission.
class DecisionLog {
 public:
  /// `simulation` must outlive it.
  DecisionLog(const std::string& path, const engine::Simulation& simulation);

  void add(const engine::Decision& decision);
  void close() { file_.close(); }

 private:
  TableWriter<DecisionRow> file_;
  const engine::Simulation& simulation_;
};

}  // namespace offcut::analysis
