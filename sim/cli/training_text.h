#pragma once

#include <string>

#include "analysis/statistics/run_summary.h"
#include "sim/experiment/experiment.h"
#include "sim/study/training_rehearsal.h"

namespace offcut::cli {

/// Returns what is trained on what, by which strategy: two lines. REQUIRES: the scenario trains.
std::string training_heading(const experiment::Experiment& experiment);

/// Returns the report of a run's training: some rounds as a table, and the totals. REQUIRES: the
/// run trained.
std::string training_text(const experiment::Experiment& experiment,
                          const analysis::RunSummary& run);

/// Returns the prediction of a round in an idle system with its origin, and where the strategy cuts
/// the network. REQUIRES: the scenario trains.
std::string forecast_text(const experiment::Experiment& experiment,
                          const study::TrainingForecast& forecast);

}  // namespace offcut::cli
