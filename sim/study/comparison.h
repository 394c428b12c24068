#pragma once

#include <string>
#include <vector>

#include "analysis/statistics/run_summary.h"
#include "models/base/output_directory.h"
#include "sim/experiment/experiment.h"

namespace offcut::study {

/// Files of the chosen run outside of its results. An empty name means no file; without a name for
/// it, the timeline is one of the results if the scenario asks for it.
struct FurtherFiles {
  std::string decisions, timeline;
};

/// Runs the scenario's plans and, under the same arrivals, the plans that they are compared with,
/// each in a process of its own. Writes the results into `out`, without committing them. The chosen
/// run comes first; only its requests and events are logged, and what `further` names. An algorithm
/// that declines or fails gets a summary with the reason. Throws as plan_runs() does.
std::vector<analysis::RunSummary> run_experiment(const experiment::Experiment& experiment,
                                                 const OutputDirectory& out,
                                                 const engine::ProgressSink& progress = {},
                                                 const FurtherFiles& further = {});

/// The same without files. A single run is simulated in this process, which then cannot simulate
/// another one; several run one after the other, each in a child process.
std::vector<analysis::RunSummary> run_here(const experiment::Experiment& experiment,
                                           const engine::ProgressSink& progress = {});

}  // namespace offcut::study
