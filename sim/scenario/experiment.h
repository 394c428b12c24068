#pragma once

#include <memory>

#include "models/graph/layer_table.h"
#include "partition/algorithm.h"
#include "sim/scenario/scenario.h"
#include "sim/workload/inference.h"

namespace offcut {

/// A scenario with its model loaded and its costs known: what planners and simulations need.
struct Experiment {
  Scenario scenario;
  Graph graph;
  Problem problem;
  Dataset data;  // what the math runs on; empty where it is off
};

/// Loads a model by itself. `columns` gets a layer table's times.
/// Throws InputError where its file is wrong.
Graph load_model(const ModelChoice& model, const Registries& registries, std::uint64_t seed,
                 std::map<std::string, std::vector<Seconds>>& columns);

/// Loads the model and its inputs, and computes each layer's time on each tier. Adds to
/// scenario.resolved what only the model knows. Throws InputError where the model is wrong or does
/// not fit the tiers or the inputs.
Experiment prepare(Scenario scenario, const Registries& registries);

/// Reads and prepares a scenario. Throws InputError with the mistakes of the scenario and, where it
/// says what the model is, of the model.
Experiment read_experiment(const std::string& path, const std::vector<Override>& overrides,
                           const Registries& registries);

/// What the engine needs to run that plan. `arrivals` must outlive it.
Simulation simulation_of(const Experiment& experiment, const Plan& plan, const Arrivals& arrivals);

/// The math of that plan; null where it is off. The experiment must outlive it.
std::unique_ptr<Inference> inference_of(const Experiment& experiment, const Plan& plan);

/// Lets each request carry the bytes that its own input really comes to, where tensors cross
/// encoded and the math is on; otherwise the simulation keeps the plan's bound. Runs the math of
/// all inputs that the simulation will ask for. Of inputs outside of the sample, the one before
/// them in it counts.
void carry_real_bytes(Simulation& simulation, Inference& inference);

}  // namespace offcut
