#pragma once

#include <string>

#include "sim/cli/json_document.h"
#include "sim/experiment/experiment.h"
#include "sim/study/training_rehearsal.h"
#include "sim/study/under_load/choose.h"

namespace offcut::cli {

// The parts that the documents of several commands have.

/// Returns the scenario's file, name and title.
Json scenario_json(const std::string& file, const experiment::Experiment& experiment);

/// Returns the models for requests, with their work.
Json models_json(const experiment::Experiment& experiment);

/// Returns plans and policies that were chosen under load, with the steps to them.
Json load_choice_json(const experiment::Experiment& experiment, const study::LoadChoice& choice);

/// Returns the prediction of a round of training.
Json forecast_json(const experiment::Experiment& experiment,
                   const study::TrainingForecast& forecast);

}  // namespace offcut::cli
