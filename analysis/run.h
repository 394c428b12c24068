#pragma once

#include <variant>
#include <vector>

#include "analysis/output_directory.h"
#include "analysis/run_summary.h"
#include "sim/scenario/experiment.h"

namespace offcut {

/// A plan for each of the scenario's models, or why there is none for one of them.
struct PlannedRun {
  std::string algorithm;  // where models are planned by several: their names, "fixed+multi-tier"
  std::variant<std::vector<Plan>, Declined> outcome;
};

/// What to run: the scenario's own plans, then each algorithm that it compares with, for all
/// models. An algorithm declines too where a tier has no room for what it puts there. Throws
/// InputError at the scenario where its own plans are declined, or where a run would not end.
std::vector<PlannedRun> plan_runs(const Experiment& experiment);

/// Runs the scenario's plans and, under the same arrivals, those that it compares with, each in a
/// process of its own, and writes their results into `out` (without committing). The chosen run
/// comes first and is the one whose requests and events are logged, and its decisions, into the
/// file of that name unless it is empty. An algorithm that declines gets a summary that says why.
/// Throws as plan_runs() does.
std::vector<RunSummary> run_experiment(const Experiment& experiment, const OutputDirectory& out,
                                       const ProgressSink& progress = {},
                                       const std::string& decisions = {});

/// The model's plan by each algorithm, in the given order. The model's own algorithm has the
/// parameters that the scenario gives it, others their defaults.
std::vector<Outcome> plan_all(const PreparedModel& model,
                              const std::vector<const Algorithm*>& algorithms);

}  // namespace offcut
