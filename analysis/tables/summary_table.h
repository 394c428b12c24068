#pragma once

#include <string>

#include "analysis/statistics/run_summary.h"
#include "models/base/column_table.h"
#include "sim/scenario/scenario.h"

namespace offcut::analysis {

/// A run, or an algorithm that declined or failed.
struct SummaryRow {
  const scenario::Scenario& scenario;
  const RunSummary& run;
};

/// The columns of summary.csv.
const ColumnTable<SummaryRow>& summary_table();

/// Returns the reasons why requests were dropped, with their numbers: "edge rejects: 12;
/// device-edge failed: 3". Empty if none was dropped.
std::string drops_text(const engine::RunRecord& record);

}  // namespace offcut::analysis
