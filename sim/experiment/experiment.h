#pragma once

#include <limits>
#include <optional>
#include <string>
#include <vector>

#include "models/graph/graph.h"
#include "models/graph/measured_times.h"
#include "partition/algorithm.h"
#include "partition/problem.h"
#include "sim/runtime/dataset.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// The devices from `first` up to, but without, `end`.
struct DeviceRange {
  std::size_t first = 0;
  std::size_t end = std::numeric_limits<std::size_t>::max();

  bool contains(std::size_t device) const { return first <= device && device < end; }
};

/// One of the scenario's models, loaded and with its costs on the devices that run it.
struct PreparedModel {
  std::string name;        // The name in results: the scenario's, or else the network's own.
  std::size_t choice = 0;  // The model's index in Scenario::models.
  DeviceRange devices;     // All devices, since those of a tier are alike.
  Graph graph;
  partition::Problem problem;
  /// The layers' measured times on each tier, batches included; none where they are modelled.
  std::vector<std::optional<MeasuredTimes>> measured;
  runtime::Dataset data;  // The inputs of the math; empty if it is off.
};

/// A scenario with its models prepared, as planners and simulations need it.
struct Experiment {
  scenario::Scenario scenario;
  std::vector<PreparedModel> models;  // In the order of Scenario::models.
  /// Plans of the prepared models, of one algorithm, in place of those of the scenario's own.
  std::vector<partition::Plan> given_plans = {};

  const scenario::ModelChoice& choice_of(const PreparedModel& model) const {
    return scenario.models[model.choice];
  }
  /// Returns the index in `models` of the model that requests of the class run at the device.
  std::size_t model_of(std::size_t request_class, std::size_t device) const;
};

/// Loads the models and their inputs, and computes each layer's time on each tier. Adds to
/// scenario.resolved the values that only the models know. Throws InputError if a model is invalid
/// or does not fit the tiers or the inputs.
Experiment prepare(scenario::Scenario scenario, const scenario::Registries& registries);

/// Reads and prepares a scenario. Throws InputError with the errors of the scenario and of those
/// models that it names.
Experiment read_experiment(const std::string& path,
                           const std::vector<scenario::Override>& overrides,
                           const scenario::Registries& registries);

}  // namespace offcut::experiment
