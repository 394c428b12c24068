#pragma once

#include <string>

#include "models/base/csv_writer.h"
#include "sim/engine/simulation.h"

namespace offcut {

/// Writes each dispatch and admission as a row: when, of which request, to which server (its number
/// in the tier; where several serve one queue, that queue's), whether it was admitted, and between
/// which servers it was decided: "0:3/1 1:2/1 2:down" is server:waiting/running.
class DecisionLog {
 public:
  /// `simulation` must outlive it.
  DecisionLog(const std::string& path, const Simulation& simulation);

  void add(const Decision& decision);
  void close() { file_.close(); }

 private:
  CsvWriter file_;
  const Simulation& simulation_;
};

}  // namespace offcut
