#include "sim/scenario/experiment.h"

#include <fmt/format.h>

#include <algorithm>
#include <iterator>

#include "models/base/error.h"
#include "models/cost/roofline.h"
#include "partition/graph_problem.h"
#include "sim/scenario/coding.h"
#include "sim/scenario/exit_choice.h"
#include "sim/scenario/goal.h"
#include "sim/scenario/measured_accuracy.h"

namespace offcut {
namespace {

using Columns = std::map<std::string, std::vector<Seconds>>;

// Of inputs that are drawn: they are held in memory, once more in each run's process.
constexpr double kMostInputBytes = 250e6;

/// Notes the columns that tiers name and the table has not.
void check_columns(const Columns& columns, const Scenario& scenario,
                   std::vector<Mistake>& mistakes) {
  std::vector<std::string> names;
  for (const auto& [name, times] : columns) {
    names.push_back(name);
  }
  const auto check = [&](const TierChoice& tier) {
    const auto* column = std::get_if<std::string>(&tier.is);
    if (column != nullptr && !columns.contains(*column)) {
      mistakes.push_back(
          {tier.place, fmt::format("{}.{}.is: {} has no column {}{}", tier.section, tier.name,
                                   scenario.model.name, in_quotes(*column + "_s"),
                                   suggestion(*column, names))});
    }
  };
  for (const TierChoice& tier : scenario.tiers) {
    check(tier);
  }
  for (const UserClassChoice& users : scenario.model.plan.user_classes) {
    check(users.device);
  }
}

/// The times of a tier that has a profile, by layer; notes the layers that it lacks.
std::vector<Seconds> profiled_times(const Graph& graph, const TierChoice& tier,
                                    std::vector<Mistake>& mistakes) {
  try {
    return times_from(std::get<ProfiledDevice>(tier.is).profile, graph, tier.place,
                      fmt::format("{}.{}.profile", tier.section, tier.name));
  } catch (const InputError& error) {
    mistakes.insert(mistakes.end(), error.mistakes().begin(), error.mistakes().end());
    return {};
  }
}

/// Notes the layers that profiles lack, where they could be read.
void check_profiles(const Graph& graph, const Scenario& scenario, std::vector<Mistake>& mistakes) {
  for (const TierChoice& tier : scenario.tiers) {
    const auto* device = std::get_if<ProfiledDevice>(&tier.is);
    if (device != nullptr && !device->profile.rows.empty()) {
      profiled_times(graph, tier, mistakes);
    }
  }
}

std::vector<Seconds> times_of(const Graph& graph, const Columns& columns, const TierChoice& tier,
                              std::vector<Mistake>& mistakes) {
  if (const auto* device = std::get_if<Device>(&tier.is)) {
    return layer_times(*device, graph);
  }
  if (const auto* fitted = std::get_if<FittedDevice>(&tier.is)) {
    std::vector<Seconds> times;
    for (const LayerFeatures& features : layer_features(graph)) {
      times.push_back(fitted->predictor.predict(features));
    }
    return times;
  }
  const auto* column = std::get_if<std::string>(&tier.is);
  return column != nullptr ? columns.at(*column) : profiled_times(graph, tier, mistakes);
}

std::vector<TierTimes> tier_times(const Graph& graph, const Columns& columns,
                                  const Scenario& scenario) {
  std::vector<Mistake> mistakes;
  std::vector<TierTimes> all;
  for (const TierChoice& tier : scenario.tiers) {
    all.push_back({tier.name, times_of(graph, columns, tier, mistakes)});
  }
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  return all;
}

/// As fast as the slower of the links that a message goes through.
Hop idle_hop(const HopChoice& choice) {
  Hop hop = choice.hop;
  if (choice.site) {
    hop.up = std::min(hop.up, choice.site->up);
    hop.down = std::min(hop.down, choice.site->down);
  }
  return hop;
}

void add_user_classes(const Graph& graph, const Columns& columns, const Scenario& scenario,
                      Problem& problem) {
  std::vector<Mistake> mistakes;
  for (const UserClassChoice& users : scenario.model.plan.user_classes) {
    problem.extras.classes.push_back({users.device.name, users.device.count,
                               times_of(graph, columns, users.device, mistakes),
                               idle_hop(users.hop)});
  }
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
}

/// The map of the model in a resolved scenario: below "model", or "models" and its name.
YamlNode& resolved_model(YamlNode& resolved, const std::string& section) {
  YamlNode* node = &resolved;
  for (std::size_t begin = 0; begin < section.size();) {
    const std::size_t end = std::min(section.find('.', begin), section.size());
    const std::string key = section.substr(begin, end - begin);
    node = &std::find_if(node->entries.begin(), node->entries.end(),
                         [&](const YamlNode::Entry& entry) { return entry.key == key; })
                ->value;
    begin = end + 1;
  }
  return *node;
}

/// Sets how many bytes the input really has, and writes it down.
void settle_input(Graph& graph, Scenario& scenario) {
  if (scenario.model.wire) {
    for (const TensorId input : graph.inputs()) {
      graph.set_wire_type(input, *scenario.model.wire);
    }
  } else if (scenario.model.source != ModelChoice::Source::layers && graph.inputs().size() == 1) {
    const DataType wire = graph.wire_type(graph.inputs().front());
    if (wire != DataType::uint8 && wire != DataType::float32) {
      return;
    }
    for (YamlNode::Entry& below :
         resolved_model(scenario.resolved, scenario.model.section).entries) {
      if (below.key == "input") {
        below.value.entries.emplace_front().key = "wire";
        below.value.entries.front().value = YamlNode::scalar(std::string(to_text(wire)));
      }
    }
  }
}

/// The tail as a tier of its own behind all others: as data goes through them.
Assignment with_tail_behind(const Problem& problem, Assignment tier_of) {
  for (const LayerId layer : problem.tail) {
    tier_of[layer] = problem.tier_count();
  }
  return tier_of;
}

/// What the device computes before the answer is back: exactly 0 where that is nothing.
Seconds before_tail(const Problem& problem, const Plan& plan) {
  if (problem.tail.empty()) {
    return plan.cost.compute[0];
  }
  Problem without = problem;
  for (const LayerId layer : problem.tail) {
    without.seconds[0][layer] = Seconds(0);
  }
  return evaluate(without, plan.tier_of).compute[0];
}

/// What one drawn input takes: images are bytes (see random_dataset).
double drawn_bytes(const Graph& graph) {
  double bytes = 0;
  for (const TensorId input : graph.inputs()) {
    const TensorType& type = graph.tensor(input).type;
    bytes += static_cast<double>(reads_one_image(graph) ? elements(type.shape) : type.bytes());
  }
  return bytes;
}

/// What the math runs on, checked against the network.
Dataset inputs_of(const Graph& graph, const Scenario& scenario) {
  const ModelChoice& model = scenario.model;
  if (model.math == ModelChoice::Math::off) {
    return {};
  }
  if (!model.images.empty()) {
    Dataset data = read_dataset(model.images, model.labels);
    check_fits(graph, data.item, model.input_place);
    return data;
  }
  const double bytes = static_cast<double>(model.random) * drawn_bytes(graph);
  if (bytes > kMostInputBytes) {
    throw InputError(
        model.input_place,
        fmt::format("{}.input.random: {} inputs of {} are {}; at most {}", model.section,
                    model.random, to_readable(Bytes(bytes) / double(model.random)),
                    to_readable(Bytes(bytes)), to_readable(Bytes(kMostInputBytes))));
  }
  try {
    return random_dataset(graph, model.random, scenario.seed);
  } catch (const std::invalid_argument& error) {
    throw InputError(model.input_place, fmt::format("{}.input: {}", model.section, error.what()));
  }
}

/// Adds mistakes but for those that are there already: models share tiers and plans.
void add_new(const std::vector<Mistake>& found, std::vector<Mistake>& mistakes) {
  for (const Mistake& mistake : found) {
    const bool known = std::any_of(mistakes.begin(), mistakes.end(), [&](const Mistake& other) {
      return to_text(other) == to_text(mistake);
    });
    if (!known) {
      mistakes.push_back(mistake);
    }
  }
}

/// What messages call the scenario's first model: one of several by its own name.
std::string name_of_model(const Graph& graph, const Scenario& scenario) {
  const std::string& section = scenario.model.section;
  return scenario.models() > 1 ? section.substr(section.find('.') + 1) : graph.name();
}

/// Puts exits, codecs and limits of the first model's plan into the problem. What is wrong with a
/// plan that several models share says of which of them.
void add_plan(const Graph& graph, const Scenario& scenario, Problem& problem) {
  try {
    set_exits(graph, scenario.model.plan, problem);
    add_codings(graph, scenario, problem);
    set_goal(graph, scenario, problem);
  } catch (const InputError& error) {
    std::vector<Mistake> mistakes = error.mistakes();
    for (Mistake& mistake : mistakes) {
      const std::size_t colon = mistake.message.find(": ");
      if (scenario.models() > 1 && mistake.message.starts_with("plan.") &&
          colon != std::string::npos) {
        mistake.message.insert(colon, ": " + name_of_model(graph, scenario));
      }
    }
    throw InputError(std::move(mistakes));
  }
}

/// With the scenario's first model alone.
Experiment prepare_model(Scenario scenario, const Registries& registries) {
  std::vector<Mistake> mistakes;
  Columns columns;
  Graph graph = load_model(scenario.model, registries, scenario.seed, columns);
  check_columns(columns, scenario, mistakes);
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  settle_input(graph, scenario);
  std::vector<Hop> hops;
  for (const HopChoice& hop : scenario.hops) {
    hops.push_back(idle_hop(hop));
  }
  Problem problem = problem_of(graph, tier_times(graph, columns, scenario), std::move(hops));
  add_user_classes(graph, columns, scenario, problem);
  add_plan(graph, scenario, problem);
  Dataset data = inputs_of(graph, scenario);
  problem.extras.accuracy = measured_accuracy(graph, scenario, data);
  return {std::move(scenario), std::move(graph), std::move(problem), std::move(data), {}};
}

/// Notes what is wrong with the first model, beside the scenario's own mistakes.
void check_model(const Scenario& scenario, const Registries& registries,
                 std::vector<Mistake>& mistakes) {
  if (scenario.model.name.empty()) {
    return;
  }
  std::vector<Mistake> found;
  try {
    Columns columns;
    const Graph graph = load_model(scenario.model, registries, scenario.seed, columns);
    if (scenario.model.source == ModelChoice::Source::layers) {
      check_columns(columns, scenario, found);
    } else {
      check_profiles(graph, scenario, found);
    }
    inputs_of(graph, scenario);
  } catch (const InputError& error) {
    add_new(error.mistakes(), found);
  }
  add_new(found, mistakes);
}

/// Of the layers on a tier. Weights that several layers share count with each.
Bytes parameters_on(const Problem& problem, const Assignment& tier_of, std::size_t tier) {
  Bytes sum(0);
  for (LayerId layer = 0; layer < problem.memory.size(); ++layer) {
    sum += tier_of[layer] == tier ? problem.memory[layer].parameters : Bytes(0);
  }
  return sum;
}

/// What the tier computes for one request at its stage but for its layers: encoding and decoding.
Seconds coding_on(const Problem& problem, const Plan& plan, std::size_t tier) {
  Problem without = with_codecs(problem, plan.codecs);
  std::fill(without.seconds[tier].begin(), without.seconds[tier].end(), Seconds(0));
  return evaluate(without, plan.tier_of).compute[tier];
}

/// The times of batches of 1, 2, ... requests, as many as the tier's policy may take together.
std::vector<Seconds> batch_times(const Experiment& experiment, const Plan& plan,
                                 const Assignment& stages, std::size_t tier, Seconds one) {
  const TierChoice& choice = experiment.scenario.tiers[tier];
  const Choice<BatchingKind>& batching = choice.scheduling.batching;
  std::vector<Seconds> times = {one};
  if (!batching) {
    return times;
  }
  const Seconds coding = coding_on(experiment.problem, plan, tier);
  const std::size_t most = batching.kind->most(batching.parameters);
  for (std::size_t batch = 2; batch <= most; ++batch) {
    const auto size = static_cast<double>(batch);
    Seconds time = coding * size;
    const std::vector<Seconds> layers =
        layer_times(std::get<Device>(choice.is), experiment.graph, size);
    for (LayerId layer = 0; layer < layers.size(); ++layer) {
      time += stages[layer] == tier ? layers[layer] : Seconds(0);
    }
    times.push_back(time);
  }
  return times;
}

Stage stage_of(const Experiment& experiment, const Plan& plan, std::size_t tier) {
  const Assignment stages = with_tail_behind(experiment.problem, plan.tier_of);
  const Seconds one = tier == 0 ? before_tail(experiment.problem, plan) : plan.cost.compute[tier];
  return {// A device without layers may have its input to encode.
          .used = std::find(stages.begin(), stages.end(), tier) != stages.end() || one > Seconds(0),
          .service = batch_times(experiment, plan, stages, tier, one),
          .tail = tier == 0 ? plan.cost.tail : Seconds(0),
          .model = parameters_on(experiment.problem, plan.tier_of, tier)};
}

/// All but its arrivals.
RequestClass class_of(const Experiment& experiment, const Plan& plan, const ClassChoice& choice) {
  RequestClass requests{.name = choice.name,
                        .closed_loop = choice.arrivals->closed_loop,
                        .in_total = choice.in_total,
                        .deadline = choice.deadline,
                        .priority = choice.priority,
                        .failures = choice.failures};
  for (std::size_t tier = 0; tier < experiment.problem.tier_count(); ++tier) {
    requests.stages.push_back(stage_of(experiment, plan, tier));
  }
  for (std::size_t hop = 0; hop < experiment.problem.hops.size(); ++hop) {
    requests.crossings.push_back({.goes_up = plan.cost.goes_up[hop],
                                  .up_bytes = plan.cost.up_bytes[hop],
                                  .comes_down = plan.cost.comes_down[hop],
                                  .down_bytes = plan.cost.down_bytes[hop]});
  }
  for (const Seconds layer : experiment.problem.seconds.front()) {
    requests.local += layer;
  }
  return requests;
}

}  // namespace

Graph load_model(const ModelChoice& model, const Registries& registries, std::uint64_t seed,
                 Columns& columns) {
  switch (model.source) {
    case ModelChoice::Source::onnx:
      return import_onnx(model.name, registries.operators, {.bind = model.bind});
    case ModelChoice::Source::layers: {
      LayerTable table = read_layer_table(model.name);
      columns = std::move(table.columns);
      return std::move(table.graph);
    }
    case ModelChoice::Source::zoo:
      break;
  }
  return registries.networks.find(model.name)->build(registries.operators, seed);
}

Experiment prepare(Scenario scenario, const Registries& registries) {
  std::vector<Mistake> mistakes;
  std::vector<Experiment> experiments;
  YamlNode resolved = std::move(scenario.resolved);
  for (std::size_t i = 0; i < scenario.models(); ++i) {
    Scenario own = scenario;
    own.model = scenario.model_of(i);
    own.resolved = resolved;
    try {
      experiments.push_back(prepare_model(std::move(own), registries));
      resolved = experiments.back().scenario.resolved;
    } catch (const InputError& error) {
      add_new(error.mistakes(), mistakes);
    }
  }
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  Experiment first = std::move(experiments.front());
  first.others.assign(std::make_move_iterator(experiments.begin() + 1),
                      std::make_move_iterator(experiments.end()));
  first.scenario.resolved = std::move(resolved);
  return first;
}

Experiment read_experiment(const std::string& path, const std::vector<Override>& overrides,
                           const Registries& registries) {
  std::vector<Mistake> mistakes;
  Scenario scenario = read_scenario(path, overrides, registries, mistakes);
  if (mistakes.empty()) {
    return prepare(std::move(scenario), registries);
  }
  check_model(scenario, registries, mistakes);
  for (const ModelChoice& model : scenario.other_models) {
    scenario.model = model;
    check_model(scenario, registries, mistakes);
  }
  sort_by_place(mistakes, path);
  throw InputError(std::move(mistakes));
}

std::optional<Mistake> no_room(const Experiment& experiment, const Plan& plan) {
  for (std::size_t i = 0; i < experiment.scenario.tiers.size(); ++i) {
    const TierChoice& tier = experiment.scenario.tiers[i];
    const Bytes needed = parameters_on(experiment.problem, plan.tier_of, i);
    if (tier.model_memory && needed > *tier.model_memory) {
      return Mistake{
          tier.memory_place,
          fmt::format("tiers.{}.model-memory: {} under '{}' has {} of weights there, {} "
                      "are available",
                      tier.name, name_of_model(experiment.graph, experiment.scenario),
                      plan.algorithm, to_readable(needed), to_readable(*tier.model_memory))};
    }
  }
  return std::nullopt;
}

std::vector<std::unique_ptr<Arrivals>> make_arrivals(const Scenario& scenario) {
  std::vector<std::unique_ptr<Arrivals>> all;
  for (const ClassChoice& requests : scenario.classes) {
    all.push_back(requests.arrivals->make(requests.parameters));
  }
  return all;
}

Simulation simulation_of(const Experiment& experiment, const std::vector<Plan>& plans,
                         const std::vector<std::unique_ptr<Arrivals>>& arrivals) {
  const Scenario& scenario = experiment.scenario;
  Simulation simulation{
      .seed = scenario.seed, .stop = scenario.stop, .own_links = scenario.own_links};
  for (const TierChoice& tier : scenario.tiers) {
    simulation.tiers.push_back({.name = tier.name,
                                .servers = tier.count,
                                .cores = tier.cores,
                                .noise = tier.noise,
                                .scheduling = tier.scheduling,
                                .sites = tier.sites,
                                .memory = tier.model_memory,
                                .load = tier.model_load,
                                .faults = tier.faults});
  }
  for (const HopChoice& hop : scenario.hops) {
    simulation.hops.push_back({.name = hop.name,
                               .hop = hop.hop,
                               .shared = hop.shared,
                               .site = hop.site,
                               .faults = hop.faults});
  }
  for (std::size_t i = 0; i < scenario.classes.size(); ++i) {
    const ClassChoice& choice = scenario.classes[i];
    RequestClass requests =
        class_of(experiment.of_model(choice.model), plans.at(choice.model), choice);
    requests.model = choice.model;
    requests.arrivals = arrivals.at(i).get();
    simulation.classes.push_back(std::move(requests));
  }
  return simulation;
}

std::unique_ptr<Inference> inference_of(const Experiment& experiment, const Plan& plan) {
  const ModelChoice& model = experiment.scenario.model;
  if (model.math == ModelChoice::Math::off) {
    return nullptr;
  }
  const auto images = static_cast<std::int64_t>(experiment.data.images.size());
  const std::int64_t stride = model.math == ModelChoice::Math::every
                                  ? 1
                                  : std::max<std::int64_t>(1, images / model.samples);
  return std::make_unique<Inference>(
      experiment.graph, with_tail_behind(experiment.problem, plan.tier_of), experiment.data,
      model.divide, stride, model.engine,
      wire_codecs(experiment.graph, experiment.scenario, plan.codecs));
}

void carry_real_bytes(RequestClass& requests, const Stop& stop, Inference& inference) {
  if (!inference.encodes()) {
    return;
  }
  const std::int64_t inputs =
      std::min(stop.requests.value_or(inference.input_count()), inference.input_count());
  for (std::size_t hop = 0; hop < requests.crossings.size(); ++hop) {
    Crossing& crossing = requests.crossings[hop];
    for (std::int64_t input = 0; crossing.goes_up && input < inputs; ++input) {
      crossing.up_bytes_of_input.push_back(inference.up_bytes(input, hop));
    }
  }
}

}  // namespace offcut
