#pragma once

#include <string>
#include <vector>

#include "analysis/statistics/run_summary.h"
#include "sim/experiment/experiment.h"

namespace offcut::cli {

/// Returns what a user should know of a run beside its row in the table, a line each: the
/// bottleneck and other overloaded tiers and links, what the plan leaves out, requests that were
/// late, dropped, in flight or fell back, failures, and unfairness between devices. Empty if there
/// was no run.
std::vector<std::string> run_notes(const experiment::Experiment& experiment,
                                   const analysis::RunSummary& run);

/// Returns the mark of a mean or quantile that covers only a part of the requests, "*"; empty if it
/// covers all that arrived.
std::string mark_of_part(std::int64_t answered, std::int64_t arrived);

/// Returns a table of the run's classes if it has several, else an empty text.
std::string class_table(const analysis::RunSummary& run);

/// Returns the same table of the groups of devices; empty unless there are several.
std::string group_table(const analysis::RunSummary& run);

}  // namespace offcut::cli
