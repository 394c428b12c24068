#pragma once

#include <string>
#include <vector>

#include "analysis/statistics/run_summary.h"

namespace offcut::cli {

/// What a user should know of a run beside its row in the table, a line each: tiers that are
/// overloaded or backlogged, requests that were late, dropped or fell back, failures, devices that
/// were treated unlike. Empty where there is nothing to say.
std::vector<std::string> run_notes(const analysis::RunSummary& run);

/// A table of its classes where it has several; empty otherwise.
std::string class_table(const analysis::RunSummary& run);

}  // namespace offcut::cli
