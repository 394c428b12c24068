#pragma once

#include <string>

#include "models/base/column_table.h"
#include "sim/engine/simulation.h"

namespace offcut {

/// A decision, and the simulation that knows its names.
struct DecisionRow {
  const Simulation& simulation;
  const Decision& decision;
};

/// The columns of the file of decisions.
const ColumnTable<DecisionRow>& decision_table();

/// Writes each dispatch and admission.
class DecisionLog {
 public:
  /// `simulation` must outlive it.
  DecisionLog(const std::string& path, const Simulation& simulation);

  void add(const Decision& decision);
  void close() { file_.close(); }

 private:
  TableWriter<DecisionRow> file_;
  const Simulation& simulation_;
};

}  // namespace offcut
