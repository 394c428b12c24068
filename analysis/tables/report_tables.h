#pragma once

#include <functional>
#include <list>
#include <string>
#include <vector>

#include "analysis/statistics/run_summary.h"
#include "models/base/table_target.h"
#include "sim/experiment/experiment.h"

namespace offcut::analysis {

/// Returns where the table of a file's name goes. It is asked only for tables that the runs have.
using TableTargets = std::function<TableTarget(const std::string&)>;

/// Writes summary.csv, plan.csv, plan_figures.csv (if a plan has figures), classes.csv, tiers.csv,
/// links.csv, groups.csv, exits.csv and energy.csv, as far as the runs have them.
void write_report_tables(const experiment::Experiment& experiment,
                         const std::vector<RunSummary>& runs, const TableTargets& targets);

/// A table with the name of its file.
struct NamedTable {
  std::string file;
  KeptTable table;
};

/// Returns the same tables in the same order.
std::list<NamedTable> report_tables(const experiment::Experiment& experiment,
                                    const std::vector<RunSummary>& runs);

}  // namespace offcut::analysis
