// Prepares each model of a scenario: loads its graph, computes its layers' times on the tiers, and
// adds to its problem the exits, codecs and goal of its plan, and measured accuracy if codecs are
// chosen by it. Errors of all models are collected and thrown together, each once.

#include "sim/experiment/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "partition/graph_problem.h"
#include "sim/experiment/coding.h"
#include "sim/experiment/exits.h"
#include "sim/experiment/goal.h"
#include "sim/experiment/load_model.h"
#include "sim/experiment/math_inputs.h"
#include "sim/experiment/measured_accuracy.h"
#include "sim/experiment/tier_times.h"

namespace offcut::experiment {
namespace {

/// Returns the map of the model in a resolved scenario: below "model", or below "models" and the
/// model's name.
scenario::YamlNode& resolved_model(scenario::YamlNode& resolved, const std::string& section) {
  scenario::YamlNode* node = &resolved;
  for (std::size_t begin = 0; begin < section.size();) {
    const std::size_t end = std::min(section.find('.', begin), section.size());
    const std::string key = section.substr(begin, end - begin);
    node = &std::find_if(node->entries.begin(), node->entries.end(),
                         [&](const scenario::YamlNode::Entry& entry) { return entry.key == key; })
                ->value;
    begin = end + 1;
  }
  return *node;
}

/// Sets the data type that the input really has on the wire, and adds it to the resolved scenario.
void settle_input(Graph& graph, const scenario::ModelChoice& model, scenario::YamlNode& resolved) {
  if (model.wire) {
    for (const TensorId input : graph.inputs()) {
      graph.set_wire_type(input, *model.wire);
    }
  } else if (model.source != scenario::ModelChoice::Source::layers && graph.inputs().size() == 1) {
    const DataType wire = graph.wire_type(graph.inputs().front());
    if (wire != DataType::uint8 && wire != DataType::float32) {
      return;
    }
    for (scenario::YamlNode::Entry& below : resolved_model(resolved, model.section).entries) {
      if (below.key == "input") {
        below.value.entries.emplace_front().key = "wire";
        below.value.entries.front().value = scenario::YamlNode::scalar(std::string(to_text(wire)));
      }
    }
  }
}

/// Prepares scenario.models[choice]. Adds the values that only the model knows to `resolved`.
PreparedModel prepare_model(const scenario::Scenario& scenario, std::size_t choice,
                            const scenario::Registries& registries, scenario::YamlNode& resolved) {
  const scenario::ModelChoice& model = scenario.models[choice];
  std::vector<Diagnostic> diagnostics;
  LayerColumns columns;
  Graph graph = load_model(model, registries, scenario.seed, columns);
  check_columns(columns, model, scenario.tiers, diagnostics);
  check_batches(columns, model, scenario.tiers, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  settle_input(graph, model, resolved);
  std::vector<partition::Hop> hops;
  for (const scenario::HopChoice& hop : scenario.hops) {
    hops.push_back(idle_hop(hop));
  }
  TierCosts costs = tier_costs(graph, columns, scenario.tiers);
  partition::Problem problem =
      partition::problem_of(graph, std::move(costs.times), std::move(hops));
  add_user_classes(graph, columns, model.plan, problem);
  set_exits(graph, model.plan, problem);
  add_codings(graph, model.plan, scenario.tiers, problem);
  set_goal(graph, scenario, model.plan, problem);
  runtime::Dataset data = math_inputs(graph, model, scenario.seed);
  problem.extras.accuracy = measured_accuracy(graph, model, data);
  return {.name = model.name.empty() ? graph.name() : model.name,
          .choice = choice,
          .devices = {},
          .graph = std::move(graph),
          .problem = std::move(problem),
          .measured = std::move(costs.measured),
          .data = std::move(data)};
}

/// Adds the errors of the model to those of the scenario.
void check_model(const scenario::Scenario& scenario, const scenario::ModelChoice& model,
                 const scenario::Registries& registries, std::vector<Diagnostic>& diagnostics) {
  if (model.source_name.empty()) {
    return;
  }
  std::vector<Diagnostic> found;
  try {
    LayerColumns columns;
    const Graph graph = load_model(model, registries, scenario.seed, columns);
    if (model.source == scenario::ModelChoice::Source::layers) {
      check_columns(columns, model, scenario.tiers, found);
      check_batches(columns, model, scenario.tiers, found);
    } else {
      check_profiles(graph, scenario.tiers, found);
    }
    math_inputs(graph, model, scenario.seed);
  } catch (const InputError& error) {
    add_new(error.diagnostics(), found);
  }
  add_new(found, diagnostics);
}

}  // namespace

std::size_t Experiment::model_of(std::size_t request_class, std::size_t device) const {
  const std::size_t choice = scenario.classes.at(request_class).model_index();
  for (std::size_t model = 0; model < models.size(); ++model) {
    if (models[model].choice == choice && models[model].devices.contains(device)) {
      return model;
    }
  }
  throw std::logic_error(fmt::format("no model was prepared for class {} at device {}",
                                     scenario.classes[request_class].name, device));
}

Experiment prepare(scenario::Scenario scenario, const scenario::Registries& registries) {
  std::vector<Diagnostic> diagnostics;
  std::vector<PreparedModel> models;
  for (std::size_t choice = 0; choice < scenario.models.size(); ++choice) {
    try {
      models.push_back(prepare_model(scenario, choice, registries, scenario.resolved));
    } catch (const InputError& error) {
      add_new(error.diagnostics(), diagnostics);  // Models share tiers and plans.
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return {std::move(scenario), std::move(models), {}};
}

Experiment read_experiment(const std::string& path,
                           const std::vector<scenario::Override>& overrides,
                           const scenario::Registries& registries) {
  std::vector<Diagnostic> diagnostics;
  scenario::Scenario scenario = scenario::read_scenario(path, overrides, registries, diagnostics);
  if (diagnostics.empty()) {
    return prepare(std::move(scenario), registries);
  }
  for (const scenario::ModelChoice& model : scenario.models) {
    check_model(scenario, model, registries, diagnostics);
  }
  sort_by_place(diagnostics, path);
  throw InputError(std::move(diagnostics));
}

}  // namespace offcut::experiment
