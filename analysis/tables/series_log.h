#pragma once

#include <memory>
#include <string>

#include "models/base/column_table.h"
#include "sim/engine/simulation.h"

namespace offcut::analysis {

/// A sample, and the simulation with the names of its tiers and hops.
struct SeriesRow {
  const engine::Simulation& simulation;
  const engine::SampleRow& sample;
};

/// The columns of series.csv.
const ColumnTable<SeriesRow>& series_table();

/// Writes the samples of a run.
class SeriesLog {
 public:
  /// `simulation` must outlive it.
  SeriesLog(const std::string& path, const engine::Simulation& simulation)
      : simulation_(simulation), file_(path, series_table().columns) {}

  void add(const engine::SampleRow& sample) { file_.add({simulation_, sample}); }
  void close() { file_.close(); }

 private:
  const engine::Simulation& simulation_;
  TableWriter<SeriesRow> file_;
};

}  // namespace offcut::analysis
