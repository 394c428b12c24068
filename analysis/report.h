#pragma once

#include <string>
#include <vector>

#include "analysis/output_directory.h"
#include "analysis/run_summary.h"
#include "sim/experiment/experiment.h"

namespace offcut {

/// summary.csv (a row per run), plan.csv (a row per layer, or input that crosses encoded, and
/// plan), plan_figures.csv (what plans have beside their layers' tiers, where one has), tiers.csv,
/// links.csv, classes.csv, resolved.yaml.
void write_report(const Experiment& experiment, const std::vector<RunSummary>& runs,
                  const OutputDirectory& out);

/// "edge rejects: 12; device-edge failed: 3": what requests were dropped for; empty: nothing was.
std::string drops_text(const RunRecord& record);

/// A plan of one model, under the name that results give it.
struct NamedPlan {
  std::string algorithm;
  const PreparedModel* model = nullptr;
  const Plan* plan = nullptr;
};

/// plan.csv by itself.
void write_layers(const std::vector<NamedPlan>& plans, const std::string& path);

}  // namespace offcut
