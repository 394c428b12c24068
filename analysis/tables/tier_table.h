#pragma once

#include "analysis/statistics/run_summary.h"
#include "models/base/column_table.h"

namespace offcut::analysis {

/// A tier in a run.
struct TierRow {
  const RunSummary& run;
  const engine::TierUsage& tier;
};

/// The columns of tiers.csv.
const ColumnTable<TierRow>& tier_table();

}  // namespace offcut::analysis
