#pragma once

#include <memory>
#include <vector>

#include "partition/legs.h"
#include "sim/engine/controller.h"
#include "sim/experiment/experiment.h"
#include "sim/runtime/inference.h"

namespace offcut::experiment {

class MovingPlans;

/// An experiment with plans, ready for the engine: simulate(simulation, observers, *controller). It
/// owns everything that the simulation points to. The experiment must outlive it.
struct CompiledRun {
  std::vector<std::shared_ptr<const workload::Arrivals>> arrivals;  // One for each class.
  /// Networks that tiers compute in other precisions than float32.
  std::vector<std::unique_ptr<const Graph>> computed_graphs;
  /// One for each prepared model; null where its math is off.
  std::vector<std::unique_ptr<runtime::Inference>> inferences;
  engine::Simulation simulation;
  std::unique_ptr<engine::Controller> controller;  // Chooses among the simulation's itineraries.
  /// The same controller if the scenario has beliefs or an adaptation; otherwise null.
  MovingPlans* moving = nullptr;
};

struct CompileOptions {
  /// One for each class, in place of the scenario's arrivals. Empty: the scenario's.
  std::vector<std::shared_ptr<const workload::Arrivals>> arrivals;
  /// If false, no model has an inference, and encoded tensors have the sizes that plans promise.
  bool math = true;
  /// By which the plans change during the run; null: they stay as they are. It must outlive the
  /// run.
  const scenario::Adaptation* adaptation = nullptr;
};

/// Returns the number of a leg in itineraries: that of its hop or, after the `hops` of the problem,
/// that of its long leg, which is added if it is new.
std::size_t number_of(const partition::Leg& leg, std::size_t hops,
                      std::vector<std::vector<std::size_t>>& long_legs);

/// Returns the itinerary that requests of the model follow under a plan. compile() uses it for the
/// plans that a run begins with; a Controller may use it for plans that it makes during the run.
/// Encoded tensors have the sizes that the plan promises. Its crossings are by leg: `long_legs` are
/// those of the simulation, to which it adds the plan's. The layers `skipped` are not run, and the
/// plan's cost is without them.
engine::Itinerary itinerary_of(const PreparedModel& model, const partition::Plan& plan,
                               std::vector<std::vector<std::size_t>>& long_legs,
                               const std::vector<LayerId>& skipped = {});
/// The same for a plan with the costs of `costs` instead of the model's own problem.
engine::Itinerary itinerary_of(const PreparedModel& model, const partition::Problem& costs,
                               const partition::Plan& plan,
                               std::vector<std::vector<std::size_t>>& long_legs,
                               const std::vector<LayerId>& skipped = {});

/// The only way from a scenario to the engine. `plans` has one for each prepared model. A request
/// follows the plan of the model that Experiment::model_of() names for its class and device.
///
/// If tensors cross encoded and the math is on, compile() runs the math of all inputs that requests
/// can have, and each request carries the encoded size of its own input. Inputs outside of the
/// sample have the size of the last sampled input before them.
CompiledRun compile(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                    CompileOptions options = {});

}  // namespace offcut::experiment
