#pragma once

#include <memory>
#include <vector>

#include "sim/engine/controller.h"
#include "sim/experiment/experiment.h"
#include "sim/runtime/inference.h"

namespace offcut::experiment {

/// An experiment under given plans, as the engine takes it: simulate(simulation, observers,
/// *controller). It owns what the simulation points to. The experiment must outlive it, and stay in
/// its place while requests are simulated.
struct CompiledRun {
  std::vector<std::unique_ptr<workload::Arrivals>> arrivals;  // One for each class.
  /// One for each prepared model; null where its math is off.
  std::vector<std::unique_ptr<runtime::Inference>> inferences;
  engine::Simulation simulation;
  std::unique_ptr<engine::Controller> controller;  // Chooses among the simulation's itineraries.
};

struct CompileOptions {
  /// Of each class, in place of the scenario's.
  std::vector<std::unique_ptr<workload::Arrivals>> arrivals;
  /// Off: no class has an inference, and what crosses encoded has the bytes that its plan promises.
  bool math = true;
};

/// What requests of the model follow under a plan of it: compile() uses it for the plans that a run
/// begins with, a Controller may use it for plans that it makes on the way. What crosses encoded
/// has the bytes that the plan promises. REQUIRES: `tiers` are those that the model was prepared
/// for.
engine::Itinerary itinerary_of(const PreparedModel& model,
                               const std::vector<scenario::TierChoice>& tiers,
                               const partition::Plan& plan);

/// The only way from a scenario to the engine. `plans` has one for each prepared model. A request
/// follows the plan of the model that Experiment::model_of() names for its class and device.
///
/// Where tensors cross encoded and the math is on, each request carries the bytes that its own
/// input really comes to; for inputs outside of the sample, those of the one before them in it.
/// That runs the math of all inputs that the run can ask for.
CompiledRun compile(const Experiment& experiment, const std::vector<partition::Plan>& plans,
                    CompileOptions options = {});

}  // namespace offcut::experiment
