#pragma once

#include <optional>

#include "analysis/statistics/run_summary.h"
#include "models/base/column_table.h"

namespace offcut::analysis {

/// A group of devices in a run.
struct GroupRow {
  const RunSummary& run;
  std::size_t group;
  const engine::ClassUsage& usage;
  const std::optional<LatencySummary>& latency;
};

/// The columns of groups.csv.
const ColumnTable<GroupRow>& group_table();

}  // namespace offcut::analysis
