#pragma once

#include <variant>
#include <vector>

#include "analysis/output_directory.h"
#include "analysis/run_summary.h"
#include "sim/scenario/experiment.h"

namespace offcut {

/// An algorithm with its answer for each of the scenario's models, or why there is none for one of
/// them.
struct PlannedRun {
  const Algorithm* algorithm = nullptr;
  std::variant<std::vector<Plan>, Declined> outcome;
};

/// What to run: the scenario's algorithm, then those that it compares with, each once. An algorithm
/// declines too where a tier has no room for what it puts there. Throws InputError at the scenario
/// where its own algorithm declines, or where a run would not end.
std::vector<PlannedRun> plan_runs(const Experiment& experiment);

/// Runs the scenario's plan and, under the same arrivals, those that it compares with, each in a
/// process of its own, and writes their results into `out` (without committing). The chosen plan
/// comes first and is the one whose requests and events are logged, and its decisions, into the
/// file of that name unless it is empty. An algorithm that declines gets a summary that says why.
/// Throws as plan_runs() does.
std::vector<RunSummary> run_experiment(const Experiment& experiment, const OutputDirectory& out,
                                       const ProgressSink& progress = {},
                                       const std::string& decisions = {});

/// The plan of each algorithm for the experiment's own model, in the given order.
std::vector<Outcome> plan_all(const Experiment& experiment,
                              const std::vector<const Algorithm*>& algorithms);

}  // namespace offcut
