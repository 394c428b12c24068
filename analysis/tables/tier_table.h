#pragma once

#include <optional>

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
  std::optional<std::size_t> group = {};         // Of its machines, if the row is about one.
};

/// Returns the usage of a group of unlike machines as that of a tier. Figures that are only known
/// of the whole tier are 0.
engine::TierUsage usage_of_group(const engine::TierUsage& tier, std::size_t group);

/// The columns of tiers.csv.
const ColumnTable<TierRow>& tier_table();
/// Those that follow if the scenario trains.
std::span<const Column<TierRow>> tier_columns_of_tasks();
/// The text of all of them.
TableText tier_table_text();

}  // namespace offcut::analysis
