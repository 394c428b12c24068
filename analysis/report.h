#pragma once

#include <string>
#include <vector>

#include "analysis/statistics/run_summary.h"
#include "models/base/output_directory.h"
#include "sim/experiment/experiment.h"

namespace offcut::analysis {

/// The folder for the files of a run, known by its resolved.yaml. Throws as OutputDirectory does.
OutputDirectory results_directory(const std::filesystem::path& folder);

/// summary.csv (a row per run), plan.csv (a row per layer, or input that crosses encoded, and
/// plan), plan_figures.csv (what plans have beside their layers' tiers, where one has), tiers.csv,
/// links.csv, classes.csv, resolved.yaml.
void write_report(const experiment::Experiment& experiment, const std::vector<RunSummary>& runs,
                  const OutputDirectory& out);

}  // namespace offcut::analysis
