#pragma once

#include <string>
#include <vector>

#include "analysis/statistics/run_summary.h"
#include "models/base/output_directory.h"
#include "sim/experiment/experiment.h"

namespace offcut::analysis {

/// The file that tells a folder of results from others.
inline constexpr const char* kResolvedFile = "resolved.yaml";

/// The network that a run has trained.
inline constexpr const char* kTrainedModel = "trained.onnx";

/// The trace of a run over time: see docs/timeline.md.
inline constexpr const char* kTimeline = "timeline.json";

/// Returns the names of all files that a run may write into its folder.
std::vector<std::string> result_files();

/// Opens the folder for the files of a run. It is recognised by its resolved.yaml. Throws as
/// OutputDirectory does.
OutputDirectory results_directory(const std::filesystem::path& folder);

/// Writes summary.csv, plan.csv, plan_figures.csv (if a plan has figures), tiers.csv, links.csv,
/// classes.csv and resolved.yaml. analysis/tables explains their columns.
void write_report(const experiment::Experiment& experiment, const std::vector<RunSummary>& runs,
                  const OutputDirectory& out);

}  // namespace offcut::analysis
