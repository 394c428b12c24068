#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "analysis/page/run_page.h"
#include "analysis/statistics/run_summary.h"
#include "sim/study/sweep/journal.h"

namespace offcut::cli {

struct PageArguments {
  std::string results;  // A folder with results of run or sweep.
  std::string out;      // File; empty: report.html in the folder.
};

/// Makes the page of a folder of results.
int page(const PageArguments& arguments, const scenario::Registries& registries);

/// Returns the remarks that are printed on runs, beside their figures.
std::vector<analysis::PlanNote> page_notes(const experiment::Experiment& experiment,
                                           const std::vector<analysis::RunSummary>& runs);

/// Writes the page of a sweep whose tables are in a folder, which may be a hidden one. `name` is
/// its title if its journal has no name, and `scenario` the path of its base; empty: it is unknown.
void write_page_of_sweep(const std::filesystem::path& folder, const study::JournalHead& head,
                         const std::string& name, const std::string& scenario,
                         const std::string& path);

}  // namespace offcut::cli
