#pragma once

#include <vector>

#include "analysis/output_directory.h"
#include "analysis/run_summary.h"
#include "sim/scenario/experiment.h"

namespace offcut {

/// Runs the scenario's plan and, under the same arrivals, those that it compares with, each in a
/// process of its own, and writes their results into `out` (without committing). The chosen plan
/// comes first and is the one whose requests are logged. An algorithm that declines gets a summary
/// that says why; where the chosen one does, that is an InputError at the scenario.
std::vector<RunSummary> run_experiment(const Experiment& experiment, OutputDirectory& out,
                                       const ProgressSink& progress = {});

/// The plan of each algorithm, in the given order.
std::vector<Outcome> plan_all(const Experiment& experiment,
                              const std::vector<const Algorithm*>& algorithms);

}  // namespace offcut
