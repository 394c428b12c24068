#pragma once

#include <optional>
#include <string>

#include "analysis/statistics/run_summary.h"
#include "models/base/column_table.h"

namespace offcut::analysis {

/// A class of requests in a run.
struct ClassRow {
  const RunSummary& run;
  const engine::ClassUsage& usage;
  std::string model;            // Its name in results.
  const partition::Plan& plan;  // The plan for that model.
  const std::optional<LatencySummary>& latency;
};

/// The columns of classes.csv.
const ColumnTable<ClassRow>& class_table();

}  // namespace offcut::analysis
