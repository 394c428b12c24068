#pragma once

#include <string>
#include <vector>

#include "analysis/statistics/run_summary.h"
#include "models/base/output_directory.h"
#include "sim/experiment/experiment.h"

namespace offcut::study {

/// Runs the scenario's plans and, under the same arrivals, those that it compares with, each in a
/// process of its own, and writes their results into `out` (without committing). The chosen run
/// comes first and is the one whose requests and events are logged, and its decisions, into the
/// file of that name unless it is empty. An algorithm that declines or fails gets a summary that
/// says why. Throws as plan_runs() does.
std::vector<analysis::RunSummary> run_experiment(const experiment::Experiment& experiment,
                                                 const OutputDirectory& out,
                                                 const engine::ProgressSink& progress = {},
                                                 const std::string& decisions = {});

}  // namespace offcut::study
