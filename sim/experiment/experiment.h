#pragma once

#include <limits>
#include <memory>
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

class ModelCache;
class TierPrecisions;
class TrainingJob;

/// The devices from `first` up to, but without, `end`.
struct DeviceRange {
  std::size_t first = 0;
  std::size_t end = std::numeric_limits<std::size_t>::max();

  bool contains(std::size_t device) const { return first <= device && device < end; }
};

/// The costs of a model on machines that the plans of its tier may not count with.
struct MachineCosts {
  partition::Problem problem;
  std::optional<MeasuredTimes> measured;  // As in PreparedModel.
};

/// One of the scenario's models, loaded and with its costs on the devices that run it.
struct PreparedModel {
  std::string name;              // The name in results: the scenario's, or else the network's own.
  std::size_t choice = 0;        // The model's index in Scenario::models.
  std::size_t group = 0;         // Of devices.
  std::string group_name = {};   // Empty: there is one group.
  std::string device_tier = {};  // The first tier's name in the scenario.
  DeviceRange devices;           // Those of the group, since they are alike.
  std::vector<scenario::TierChoice> tiers;  // Those on the way of its requests: see tiers_of().
  Graph graph;
  partition::Problem problem;
  /// The problem as planners see it; none: they see the true one.
  std::optional<partition::Problem> believed = {};
  /// The layers' measured times on each tier, batches included; none where they are modelled.
  std::vector<std::optional<MeasuredTimes>> measured;
  /// By tier: the costs by group of machines, if they are unlike; otherwise empty.
  std::vector<std::vector<MachineCosts>> machines;
  runtime::Dataset data;  // The inputs of the math; empty if it is off.
  /// The precisions of the math; null if all tiers compute in float32, and without math.
  std::shared_ptr<const TierPrecisions> precisions = nullptr;
};

/// A scenario with its models prepared, as planners and simulations need it.
struct Experiment {
  scenario::Scenario scenario;
  /// Each model on each group of devices that runs it, in the order of Scenario::models.
  std::vector<PreparedModel> models;
  /// Plans of the prepared models, of one algorithm, in place of those of the scenario's own.
  std::vector<partition::Plan> given_plans = {};
  /// The precisions that were chosen for tiers; empty: none were to be chosen.
  std::string precisions = {};
  /// Where its models came from, and the math that is known of them; null: from nowhere.
  ModelCache* cache = nullptr;
  /// The training job of the scenario; null: there is none.
  std::shared_ptr<const TrainingJob> training = nullptr;

  const scenario::ModelChoice& choice_of(const PreparedModel& model) const {
    return scenario.models[model.choice];
  }
  /// Returns the index in `models` of the model that requests of the class run at the device.
  std::size_t model_of(std::size_t request_class, std::size_t device) const;
  /// The same at the first device that sends requests of the class.
  std::size_t first_model_of(std::size_t request_class) const;
  /// Returns the name of a prepared model and, if there are several groups of devices, of its
  /// group.
  std::string name_of(const PreparedModel& model) const;
};

/// Returns the tiers on the way of requests from a group of devices, which come first.
std::vector<scenario::TierChoice> tiers_of(const scenario::Scenario& scenario, std::size_t group);
/// Returns the hops on that way.
std::vector<scenario::HopChoice> hops_of(const scenario::Scenario& scenario, std::size_t group);

/// Loads the models and their inputs, and computes each layer's time on each tier. Adds to
/// scenario.resolved the values that only the models know. Throws InputError if a model is invalid
/// or does not fit the tiers or the inputs. Models are taken from the cache, if there is one, and
/// added to it. REQUIRES: it lists no precisions to choose from (std::logic_error otherwise).
Experiment prepare(scenario::Scenario scenario, const scenario::Registries& registries,
                   ModelCache* cache = nullptr);

/// Reads and prepares a scenario. Throws InputError with the errors of the scenario and of those
/// models that it names.
Experiment read_experiment(const std::string& path,
                           const std::vector<scenario::Override>& overrides,
                           const scenario::Registries& registries, ModelCache* cache = nullptr);

}  // namespace offcut::experiment
