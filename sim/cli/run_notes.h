#pragma once

#include <string>
#include <vector>

#include "analysis/statistics/run_summary.h"

namespace offcut::cli {

/// Returns what a user should know of a run beside its row in the table, a line each: tiers that
/// are overloaded or backlogged, requests that were late, dropped or fell back, failures, and
/// unfairness between devices.
std::vector<std::string> run_notes(const analysis::RunSummary& run);

/// Returns a table of the run's classes if it has several, else an empty text.
std::string class_table(const analysis::RunSummary& run);

}  // namespace offcut::cli
