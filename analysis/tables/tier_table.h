#pragma once

#include "analysis/statistics/run_summary.h"
#include "models/base/column_table.h"
#include "sim/scenario/scenario.h"

namespace offcut::analysis {

/// A tier in a run.
struct TierRow {
  const RunSummary& run;
  const engine::TierUsage& tier;
  std::size_t number = 0;
  const scenario::TierChoice* choice = nullptr;  // Null: its price is unknown.
};

/// The columns of tiers.csv.
const ColumnTable<TierRow>& tier_table();

}  // namespace offcut::analysis
