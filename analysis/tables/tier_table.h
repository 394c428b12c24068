#pragma once

#include "analysis/statistics/run_summary.h"
#include "models/base/column_table.h"

namespace offcut {

/// A tier in a run.
struct TierRow {
  const RunSummary& run;
  const TierUsage& tier;
};

/// The columns of tiers.csv.
const ColumnTable<TierRow>& tier_table();

}  // namespace offcut
