#pragma once

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "analysis/statistics/run_summary.h"
#include "sim/experiment/experiment.h"
#include "sim/study/under_load/choose.h"

namespace offcut::cli {

/// The files that a run wrote.
struct WrittenFiles {
  std::filesystem::path folder;
  std::vector<std::string> files;  // In the folder.
  std::string decisions;           // Empty: none.
  std::string timeline;            // Its path; empty: none.
};

/// Prints the document of `offcut run --json`: the rows of all result files that do not grow with
/// the requests, and what the text says besides. `choice` is that of a plan under load.
void print_run_document(const std::string& scenario, const experiment::Experiment& experiment,
                        const std::vector<analysis::RunSummary>& runs,
                        const std::optional<study::LoadChoice>& choice,
                        const WrittenFiles& written);

}  // namespace offcut::cli
