// Prepares each model of a scenario: loads its graph, computes its layers' times on the tiers, and
// adds to its problem the exits, codecs and goal of its plan, and measured accuracy if codecs are
// chosen by it. Errors of all models are collected and thrown together, each once.

#include "sim/experiment/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <stdexcept>

#include "partition/graph_problem.h"
#include "partition/list_schedule.h"
#include "sim/experiment/beliefs.h"
#include "sim/experiment/coding.h"
#include "sim/experiment/direct_hops.h"
#include "sim/experiment/exits.h"
#include "sim/experiment/goal.h"
#include "sim/experiment/load_model.h"
#include "sim/experiment/math_inputs.h"
#include "sim/experiment/measured_accuracy.h"
#include "sim/experiment/model_cache.h"
#include "sim/experiment/precision_choice.h"
#include "sim/experiment/tier_precisions.h"
#include "sim/experiment/tier_times.h"
#include "sim/experiment/training_job.h"
#include "sim/scenario/read_scenario.h"

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

/// Returns the devices of a group.
DeviceRange devices_of(const scenario::Scenario& scenario, std::size_t group) {
  if (scenario.groups == 1) {
    return {};
  }
  DeviceRange range{0, 0};
  for (std::size_t i = 0; i <= group; ++i) {
    range.first = range.end;
    range.end += scenario.tiers[i].servers;
  }
  return range;
}

/// A group of a tier's machines, as if it were the tier.
scenario::TierChoice as_tier(const scenario::TierChoice& tier, std::size_t group) {
  scenario::TierChoice choice = tier.machines[group];
  choice.scheduling = tier.scheduling;
  choice.forwards_packets = tier.forwards_packets;
  return choice;
}

/// Returns the tiers, with each group of unlike machines in place of its tier.
std::vector<scenario::TierChoice> all_machines(const scenario::Scenario& scenario) {
  std::vector<scenario::TierChoice> all;
  for (const scenario::TierChoice& tier : scenario.tiers) {
    for (std::size_t group = 0; group < tier.machines.size(); ++group) {
      all.push_back(as_tier(tier, group));
    }
    if (tier.machines.empty()) {
      all.push_back(tier);
    }
  }
  return all;
}

/// The costs of a model on some tiers.
struct Costs {
  partition::Problem problem;
  std::vector<std::optional<MeasuredTimes>> measured;
};

/// The common parts of a model's problems.
struct ModelParts {
  const scenario::Scenario& scenario;
  const scenario::ModelChoice& model;
  const Graph& graph;
  const LayerColumns& columns;
  std::size_t group;
};

Costs costs_on(const ModelParts& parts, const std::vector<scenario::TierChoice>& tiers) {
  const std::vector<scenario::HopChoice> hops = hops_of(parts.scenario, parts.group);
  std::vector<partition::Hop> idle;
  std::vector<partition::DirectHop> direct;
  for (const scenario::HopChoice& hop : hops) {
    if (hop.direct) {
      direct.push_back({.from = hop.direct->from, .to = hop.direct->to, .hop = idle_hop(hop)});
    } else {
      idle.push_back(idle_hop(hop));
    }
  }
  TierCosts costs = tier_costs(parts.graph, parts.columns, tiers);
  partition::Problem problem =
      partition::problem_of(parts.graph, std::move(costs.times), std::move(idle));
  problem.direct = std::move(direct);
  for (const scenario::TierChoice& tier : tiers) {
    problem.forwards.push_back(tier.forwards_packets);
    problem.parallel.push_back(tier.parallel);
  }
  if (!problem.is_parallel()) {
    problem.parallel.clear();
  }
  add_user_classes(parts.graph, parts.columns, parts.model.plan, problem);
  set_exits(parts.graph, parts.model.plan, problem);
  add_codings(parts.graph, parts.model.plan, tiers, problem);
  set_goal(parts.graph, tiers, hops, parts.scenario, parts.group, parts.model.plan, problem);
  return {std::move(problem), std::move(costs.measured)};
}

/// Returns the group of a tier's machines that takes longest for all layers.
std::size_t slowest(const std::vector<MachineCosts>& machines, std::size_t tier) {
  const auto all_layers = [&](const MachineCosts& costs) {
    const partition::Problem& problem = costs.problem;
    return partition::schedule_end(problem, problem.seconds[tier],
                                   std::vector<bool>(problem.layer_count(), true),
                                   problem.engines_on(tier), problem.per_request_on(tier));
  };
  return static_cast<std::size_t>(
      std::max_element(machines.begin(), machines.end(),
                       [&](const MachineCosts& a, const MachineCosts& b) {
                         return all_layers(a) < all_layers(b);
                       }) -
      machines.begin());
}

/// Gives the tier of the problem the mean costs over all of its machines.
void set_mean(const std::vector<MachineCosts>& machines, const scenario::TierChoice& choice,
              std::size_t tier, partition::Problem& problem) {
  const auto mean = [&](auto value) {
    auto sum = decltype(value(problem)){};
    for (std::size_t group = 0; group < machines.size(); ++group) {
      sum += value(machines[group].problem) * (static_cast<double>(choice.machines[group].servers) /
                                               static_cast<double>(choice.servers));
    }
    return sum;
  };
  for (LayerId layer = 0; layer < problem.layer_count(); ++layer) {
    problem.seconds[tier][layer] =
        mean([&](const partition::Problem& own) { return own.seconds[tier][layer]; });
  }
  for (const MachineCosts& group : machines) {  // With one engine, none is stated.
    if (!problem.parallel.empty()) {
      problem.parallel[tier] = std::min(problem.parallel[tier], group.problem.engines_on(tier));
    }
  }
  problem.per_request[tier] =
      mean([&](const partition::Problem& own) { return own.per_request[tier]; });
  problem.price[tier] = mean([&](const partition::Problem& own) { return own.price[tier]; });
  for (std::size_t id = 0; id < problem.tensors.size(); ++id) {
    partition::CrossingTensor& tensor = problem.tensors[id];
    if (tensor.coding) {
      tensor.coding->encode[tier] =
          mean([&](const partition::Problem& own) { return own.tensors[id].coding->encode[tier]; });
      tensor.coding->decode[tier] =
          mean([&](const partition::Problem& own) { return own.tensors[id].coding->decode[tier]; });
    }
    for (std::size_t i = 0; i < tensor.candidates.size(); ++i) {
      tensor.candidates[i].encode[tier] = mean([&](const partition::Problem& own) {
        return own.tensors[id].candidates[i].encode[tier];
      });
      tensor.candidates[i].decode[tier] = mean([&](const partition::Problem& own) {
        return own.tensors[id].candidates[i].decode[tier];
      });
    }
  }
}

/// Adds the costs of the groups of unlike machines to the model, and lets its problem count with
/// those that the tiers say.
void add_machines(const ModelParts& parts, PreparedModel& prepared) {
  prepared.machines.resize(prepared.tiers.size());
  for (std::size_t tier = 0; tier < prepared.tiers.size(); ++tier) {
    const scenario::TierChoice choice = prepared.tiers[tier];
    std::vector<MachineCosts>& machines = prepared.machines[tier];
    for (std::size_t group = 0; group < choice.machines.size(); ++group) {
      std::vector<scenario::TierChoice> tiers = prepared.tiers;
      tiers[tier] = as_tier(choice, group);
      Costs costs = costs_on(parts, tiers);
      costs.problem.tiers[tier] = choice.name;
      machines.push_back({std::move(costs.problem), std::move(costs.measured[tier])});
    }
    if (machines.empty()) {
      continue;
    }
    const std::size_t group = choice.planned_for.kind == scenario::PlannedFor::Kind::group
                                  ? choice.planned_for.group
                                  : slowest(machines, tier);
    // Later tiers are added to costs that count with this one.
    prepared.problem = machines[group].problem;
    prepared.measured[tier] = machines[group].measured;
    prepared.tiers[tier].is = choice.machines[group].is;
    prepared.tiers[tier].price = choice.machines[group].price;
    prepared.tiers[tier].per_request = choice.machines[group].per_request;
    prepared.tiers[tier].parallel = choice.machines[group].parallel;
  }
  for (std::size_t tier = 0; tier < prepared.tiers.size(); ++tier) {
    const scenario::TierChoice& choice = prepared.tiers[tier];
    if (!choice.machines.empty() && choice.planned_for.kind == scenario::PlannedFor::Kind::mean) {
      set_mean(prepared.machines[tier], choice, tier, prepared.problem);
    }
  }
}

/// Prepares scenario.models[choice] for a group of devices. A model that the section `training`
/// names is that of the job. Adds the values that only the model knows to `resolved`.
PreparedModel prepare_model(const scenario::Scenario& scenario, std::size_t choice,
                            std::size_t group, const scenario::Registries& registries,
                            const TrainingJob* training, ModelCache* cache,
                            scenario::YamlNode& resolved) {
  const scenario::ModelChoice& model = scenario.models[choice];
  std::vector<Diagnostic> diagnostics;
  LayerColumns columns;
  const bool is_trained = model.section == "training" && training != nullptr;
  Graph graph = is_trained         ? training->network()
                : cache != nullptr ? cache->load(model, registries, scenario.seed, columns)
                                   : load_model(model, registries, scenario.seed, columns);
  const std::vector<scenario::TierChoice> tiers = all_machines(scenario);
  check_columns(columns, model, tiers, diagnostics);
  check_batches(columns, model, tiers, diagnostics);
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  settle_input(graph, model, resolved);
  PreparedModel prepared{.name = model.name.empty() ? graph.name() : model.name,
                         .choice = choice,
                         .group = group,
                         .group_name = scenario.groups > 1 ? scenario.tiers[group].name : "",
                         .device_tier = scenario.device_tier,
                         .devices = devices_of(scenario, group),
                         .tiers = tiers_of(scenario, group),
                         .graph = std::move(graph),
                         .problem = {},
                         .believed = {},
                         .measured = {},
                         .machines = {},
                         .data = {},
                         .precisions = nullptr};
  const ModelParts parts{scenario, model, prepared.graph, columns, group};
  Costs costs = costs_on(parts, prepared.tiers);
  prepared.problem = std::move(costs.problem);
  prepared.measured = std::move(costs.measured);
  add_machines(parts, prepared);
  prepared.data = math_inputs(prepared.graph, model, scenario.seed);
  check_named_inputs(scenario, choice, prepared.data);
  measure_exits(prepared.graph, model, prepared.data, prepared.problem);
  prepared.problem.extras.devices = prepared.tiers.front().servers;
  prepared.precisions =
      tier_precisions(prepared.graph, model, prepared.tiers, prepared.data, registries);
  prepared.problem.extras.accuracy =
      measured_accuracy(prepared.graph, model, prepared.data, prepared.precisions,
                        cache != nullptr ? cache->study_memory(model, scenario.seed)
                                         : std::make_shared<runtime::StudyMemory>(),
                        registries.codecs);
  if (scenario.beliefs) {
    prepared.believed = believed_problem(scenario, *scenario.beliefs, prepared);
  }
  return prepared;
}

/// Returns whether requests of the model come from the group of devices.
bool is_run_by(const scenario::Scenario& scenario, std::size_t choice, std::size_t group) {
  return std::any_of(
      scenario.classes.begin(), scenario.classes.end(), [&](const scenario::ClassChoice& requests) {
        const std::vector<std::size_t>& from = requests.from;
        return requests.model_index() == choice &&
               (from.empty() || std::find(from.begin(), from.end(), group) != from.end());
      });
}

/// Adds the errors of the model to those of the scenario.
void check_model(const scenario::Scenario& scenario, std::size_t choice,
                 const scenario::Registries& registries, std::vector<Diagnostic>& diagnostics) {
  const scenario::ModelChoice& model = scenario.models[choice];
  if (model.source_name.empty()) {
    return;
  }
  std::vector<Diagnostic> found;
  try {
    LayerColumns columns;
    const Graph graph = load_model(model, registries, scenario.seed, columns);
    if (model.source == scenario::ModelChoice::Source::layers) {
      check_columns(columns, model, all_machines(scenario), found);
      check_batches(columns, model, all_machines(scenario), found);
    } else {
      check_profiles(graph, all_machines(scenario), found);
    }
    check_named_inputs(scenario, choice, math_inputs(graph, model, scenario.seed));
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

std::size_t Experiment::first_model_of(std::size_t request_class) const {
  const std::vector<std::size_t>& from = scenario.classes.at(request_class).from;
  const std::size_t group = from.empty() ? 0 : from.front();
  return model_of(request_class, devices_of(scenario, group).first);
}

std::string Experiment::name_of(const PreparedModel& model) const {
  return scenario.groups > 1 ? fmt::format("{} on {}", model.name, scenario.tiers[model.group].name)
                             : model.name;
}

std::vector<scenario::TierChoice> tiers_of(const scenario::Scenario& scenario, std::size_t group) {
  std::vector<scenario::TierChoice> tiers = {scenario.tiers[group]};
  tiers.insert(tiers.end(), scenario.tiers.begin() + static_cast<std::ptrdiff_t>(scenario.groups),
               scenario.tiers.end());
  return tiers;
}

std::vector<scenario::HopChoice> hops_of(const scenario::Scenario& scenario, std::size_t group) {
  if (scenario.hops.empty()) {
    return {};
  }
  std::vector<scenario::HopChoice> hops = {scenario.hops[group]};
  hops.insert(hops.end(), scenario.hops.begin() + static_cast<std::ptrdiff_t>(scenario.groups),
              scenario.hops.end());
  return hops;
}

Experiment prepare(scenario::Scenario scenario, const scenario::Registries& registries,
                   ModelCache* cache) {
  if (lists_precisions(scenario)) {
    throw std::logic_error("precisions are still to be chosen: see read_experiment()");
  }
  std::vector<Diagnostic> diagnostics;
  std::vector<PreparedModel> models;
  std::shared_ptr<const TrainingJob> training;
  if (scenario.training) {
    training = std::make_shared<const TrainingJob>(scenario, registries);
  }
  for (std::size_t choice = 0; choice < scenario.models.size(); ++choice) {
    bool is_first = true;  // Of the groups. The others add the same values again, to nothing.
    scenario::YamlNode unused;
    for (std::size_t group = 0; group < scenario.groups; ++group) {
      if (!is_run_by(scenario, choice, group)) {
        continue;
      }
      unused = scenario.resolved;
      try {
        models.push_back(prepare_model(scenario, choice, group, registries, training.get(), cache,
                                       is_first ? scenario.resolved : unused));
      } catch (const InputError& error) {
        add_new(error.diagnostics(), diagnostics);  // Models share tiers and plans.
      }
      is_first = false;
    }
  }
  if (diagnostics.empty()) {
    check_direct_hops(scenario, models, diagnostics);
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return {std::move(scenario), std::move(models), {}, {}, cache, std::move(training)};
}

Experiment read_experiment(const std::string& path,
                           const std::vector<scenario::Override>& overrides,
                           const scenario::Registries& registries, ModelCache* cache) {
  std::vector<Diagnostic> diagnostics;
  network::TraceFiles own;
  scenario::Scenario scenario = scenario::read_scenario(path, overrides, registries, diagnostics,
                                                        cache != nullptr ? cache->traces() : own);
  if (diagnostics.empty()) {
    return lists_precisions(scenario)
               ? with_best_precisions(scenario, path, overrides, registries, cache)
               : prepare(std::move(scenario), registries, cache);
  }
  for (std::size_t choice = 0; choice < scenario.models.size(); ++choice) {
    check_model(scenario, choice, registries, diagnostics);
  }
  sort_by_place(diagnostics, path);
  throw InputError(std::move(diagnostics));
}

}  // namespace offcut::experiment
