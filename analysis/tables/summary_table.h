#pragma once

#include <string>
#include <vector>

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

/// Returns the names of the columns that are figures of a run: its numbers but the seed.
std::vector<std::string> figures_of_summary();

/// Returns the reasons why requests were dropped, with their numbers: "edge rejects: 12;
/// device-edge failed: 3". Empty if none was dropped.
std::string drops_text(const engine::RunRecord& record);

}  // namespace offcut::analysis
