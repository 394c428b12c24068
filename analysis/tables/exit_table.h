#pragma once

#include "analysis/statistics/run_summary.h"
#include "models/base/column_table.h"
#include "sim/experiment/experiment.h"

namespace offcut::analysis {

/// The requests of a class that left at one exit in a run.
struct ExitRow {
  const experiment::Experiment& experiment;
  const RunSummary& run;
  const ExitUsage& exit;

  const experiment::PreparedModel& model() const { return experiment.models[exit.model]; }
  const partition::Variant& variant() const {
    return run.plans[exit.model].deployment->variants[exit.way];
  }
};

/// The columns of exits.csv.
const ColumnTable<ExitRow>& exit_table();

}  // namespace offcut::analysis
