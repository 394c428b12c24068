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
  /// The same scenario with each of its other models in the first one's place.
  std::vector<Experiment> others;

  /// By its number, see ClassChoice.
  const Experiment& of_model(std::size_t model) const {
    return model == 0 ? *this : others.at(model - 1);
  }
};

/// Loads a model by itself. `columns` gets a layer table's times.
/// Throws InputError where its file is wrong.
Graph load_model(const ModelChoice& model, const Registries& registries, std::uint64_t seed,
                 std::map<std::string, std::vector<Seconds>>& columns);

/// Loads the models and their inputs, and computes each layer's time on each tier. Adds to
/// scenario.resolved what only the models know. Throws InputError where a model is wrong or does
/// not fit the tiers or the inputs.
Experiment prepare(Scenario scenario, const Registries& registries);

/// Reads and prepares a scenario. Throws InputError with the mistakes of the scenario and, where it
/// says what the model is, of the model.
Experiment read_experiment(const std::string& path, const std::vector<Override>& overrides,
                           const Registries& registries);

/// The tier whose memory for models (model-memory) has no room for the weights that the plan puts
/// there; none where all have.
std::optional<Mistake> no_room(const Experiment& experiment, const Plan& plan);

/// Of each class of the scenario.
std::vector<std::unique_ptr<Arrivals>> make_arrivals(const Scenario& scenario);

/// What the engine needs to run these plans, one for each model: each class has an itinerary of its
/// own, and one that it falls back to. `arrivals`, one for each class,
/// must outlive it.
Simulation simulation_of(const Experiment& experiment, const std::vector<Plan>& plans,
                         const std::vector<std::unique_ptr<Arrivals>>& arrivals);

/// The math of that plan; null where it is off. The experiment must outlive it.
std::unique_ptr<Inference> inference_of(const Experiment& experiment, const Plan& plan);

/// Lets each request on an itinerary carry the bytes that its own input really comes to, where
/// tensors cross encoded and the math is on; otherwise the plan's bound stays. Runs the math of
/// all inputs that so many requests will ask for. Of inputs outside of the sample, the one before
/// them in it counts.
void carry_real_bytes(Itinerary& itinerary, const Stop& stop, Inference& inference);

}  // namespace offcut
