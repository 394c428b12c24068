#pragma once

#include <vector>

#include "analysis/output_directory.h"
#include "analysis/run_summary.h"
#include "sim/scenario/experiment.h"

namespace offcut {

/// summary.csv (a row per run), plan.csv (a row per layer, or input that crosses encoded, and
/// plan), plan_figures.csv (what plans have beside their layers' tiers, where one has), tiers.csv,
/// links.csv, resolved.yaml.
void write_report(const Experiment& experiment, const std::vector<RunSummary>& runs,
                  const OutputDirectory& out);

/// plan.csv by itself.
void write_layers(const Experiment& experiment, const std::vector<RunSummary>& runs,
                  const std::string& path);

}  // namespace offcut
