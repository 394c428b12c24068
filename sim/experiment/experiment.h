#pragma once

#include <string>
#include <vector>

#include "models/graph/graph.h"
#include "partition/problem.h"
#include "sim/runtime/dataset.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// One of the scenario's models, loaded and with its costs known.
struct PreparedModel {
  std::string name;  // that results give it: the scenario's, or else the network's own
  scenario::ModelChoice choice;
  Graph graph;
  partition::Problem problem;
  runtime::Dataset data;  // what the math runs on; empty where it is off
};

/// A scenario with its models prepared: what planners and simulations need.
struct Experiment {
  scenario::Scenario scenario;
  std::vector<PreparedModel> models;  // those of the scenario, in its order
};

/// Loads the models and their inputs, and computes each layer's time on each tier. Adds to
/// scenario.resolved what only the models know. Throws InputError where a model is wrong or does
/// not fit the tiers or the inputs.
Experiment prepare(scenario::Scenario scenario, const scenario::Registries& registries);

/// Reads and prepares a scenario. Throws InputError with the errors of the scenario and, where it
/// says what the model is, of the model.
Experiment read_experiment(const std::string& path,
                           const std::vector<scenario::Override>& overrides,
                           const scenario::Registries& registries);

}  // namespace offcut::experiment
