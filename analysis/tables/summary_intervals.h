#pragma once

#include <span>

#include "analysis/tables/summary_table.h"

namespace offcut::analysis {

/// The columns of summary.csv on latencies after the warm-up and their confidence intervals. All
/// are empty if the run has none.
std::span<const Column<SummaryRow>> interval_columns();

}  // namespace offcut::analysis
