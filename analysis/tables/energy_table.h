#pragma once

#include "analysis/statistics/run_summary.h"
#include "models/base/column_table.h"

namespace offcut::analysis {

/// A state of a tier's machines, or of the devices' radios, in a run.
struct EnergyRow {
  const RunSummary& run;
  const engine::EnergyState& state;
};

/// The columns of energy.csv.
const ColumnTable<EnergyRow>& energy_table();

}  // namespace offcut::analysis
