#include "sim/scenario/experiment.h"

#include <fmt/format.h>

#include <algorithm>

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
  for (const UserClassChoice& users : scenario.user_classes) {
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

void add_user_classes(const Graph& graph, const Columns& columns, const Scenario& scenario,
                      Problem& problem) {
  std::vector<Mistake> mistakes;
  for (const UserClassChoice& users : scenario.user_classes) {
    problem.classes.push_back({users.device.name, users.device.count,
                               times_of(graph, columns, users.device, mistakes), users.hop.hop});
  }
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
}

/// Sets how many bytes the input really has, and writes it down.
void settle_input(Graph& graph, Scenario& scenario) {
  if (scenario.model.wire) {
    for (const TensorId input : graph.inputs()) {
      graph.set_wire_type(input, *scenario.model.wire);
    }
  } else if (scenario.model.source != ModelChoice::Source::layers && graph.inputs().size() == 1) {
    const DataType wire = graph.wire_type(graph.inputs().front());
    for (YamlNode::Entry& entry : scenario.resolved.entries) {
      if (entry.key == "model" && (wire == DataType::uint8 || wire == DataType::float32)) {
        for (YamlNode::Entry& below : entry.value.entries) {
          if (below.key == "input") {
            below.value.entries.emplace_front().key = "wire";
            below.value.entries.front().value = YamlNode::scalar(std::string(to_text(wire)));
          }
        }
      }
    }
  }
}

/// The tail as a tier of its own behind all others: as data goes through them.
Assignment with_tail_behind(const Problem& problem, Assignment tier_of) {
  for (const LayerId layer : problem.limits.tail) {
    tier_of[layer] = problem.tier_count();
  }
  return tier_of;
}

/// What the device computes before the answer is back: exactly 0 where that is nothing.
Seconds before_tail(const Problem& problem, const Plan& plan) {
  if (problem.limits.tail.empty()) {
    return plan.cost.compute[0];
  }
  Problem without = problem;
  for (const LayerId layer : problem.limits.tail) {
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
    throw InputError(model.input_place,
                     fmt::format("model.input.random: {} inputs of {} are {}; at most {}",
                                 model.random, to_readable(Bytes(bytes) / double(model.random)),
                                 to_readable(Bytes(bytes)), to_readable(Bytes(kMostInputBytes))));
  }
  try {
    return random_dataset(graph, model.random, scenario.seed);
  } catch (const std::invalid_argument& error) {
    throw InputError(model.input_place, fmt::format("model.input: {}", error.what()));
  }
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
  Columns columns;
  Graph graph = load_model(scenario.model, registries, scenario.seed, columns);
  check_columns(columns, scenario, mistakes);
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  settle_input(graph, scenario);
  std::vector<Hop> hops;
  for (const HopChoice& hop : scenario.hops) {
    hops.push_back(hop.hop);
  }
  Problem problem = problem_of(graph, tier_times(graph, columns, scenario), std::move(hops));
  add_user_classes(graph, columns, scenario, problem);
  set_exits(graph, scenario, problem);
  add_codings(graph, scenario, problem);
  set_goal(graph, scenario, problem);
  Dataset data = inputs_of(graph, scenario);
  problem.accuracy = measured_accuracy(graph, scenario, data);
  return {std::move(scenario), std::move(graph), std::move(problem), std::move(data)};
}

Experiment read_experiment(const std::string& path, const std::vector<Override>& overrides,
                           const Registries& registries) {
  std::vector<Mistake> mistakes;
  Scenario scenario = read_scenario(path, overrides, registries, mistakes);
  if (mistakes.empty()) {
    return prepare(std::move(scenario), registries);
  }
  if (!scenario.model.name.empty()) {
    try {
      Columns columns;
      const Graph graph = load_model(scenario.model, registries, scenario.seed, columns);
      if (scenario.model.source == ModelChoice::Source::layers) {
        check_columns(columns, scenario, mistakes);
      } else {
        check_profiles(graph, scenario, mistakes);
      }
      inputs_of(graph, scenario);
    } catch (const InputError& error) {
      mistakes.insert(mistakes.end(), error.mistakes().begin(), error.mistakes().end());
    }
  }
  sort_by_place(mistakes, path);
  throw InputError(std::move(mistakes));
}

Simulation simulation_of(const Experiment& experiment, const Plan& plan, const Arrivals& arrivals) {
  const Scenario& scenario = experiment.scenario;
  Simulation simulation{.seed = scenario.seed,
                        .arrivals = &arrivals,
                        .closed_loop = scenario.arrivals->closed_loop,
                        .stop = scenario.stop};
  const Assignment stages = with_tail_behind(experiment.problem, plan.tier_of);
  for (std::size_t i = 0; i < scenario.tiers.size(); ++i) {
    const TierChoice& tier = scenario.tiers[i];
    const Seconds tail = i == 0 ? plan.cost.tail : Seconds(0);
    const Seconds service = i == 0 ? before_tail(experiment.problem, plan) : plan.cost.compute[i];
    simulation.tiers.push_back(
        {.name = tier.name,
         .servers = tier.count,
         // A device without layers may have its input to encode.
         .used = std::find(stages.begin(), stages.end(), i) != stages.end() || service > Seconds(0),
         .service = service,
         .tail = tail,
         .noise = tier.noise});
  }
  for (std::size_t i = 0; i < scenario.hops.size(); ++i) {
    const HopChoice& hop = scenario.hops[i];
    simulation.hops.push_back({.name = hop.name,
                               .hop = hop.hop,
                               .shared = hop.shared,
                               .goes_up = plan.cost.goes_up[i],
                               .up_bytes = plan.cost.up_bytes[i],
                               .comes_down = plan.cost.comes_down[i],
                               .down_bytes = plan.cost.down_bytes[i]});
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

void carry_real_bytes(Simulation& simulation, Inference& inference) {
  const std::int64_t most = simulation.stop.requests.value_or(inference.input_count());
  const std::int64_t inputs = std::min(most, inference.input_count());
  for (std::size_t hop = 0; hop < simulation.hops.size(); ++hop) {
    if (inference.encodes() && simulation.hops[hop].goes_up) {
      simulation.hops[hop].up_bytes_of_input.resize(static_cast<std::size_t>(inputs));
    }
  }
  for (std::int64_t input = 0; inference.encodes() && input < inputs; ++input) {
    for (std::size_t hop = 0; hop < simulation.hops.size(); ++hop) {
      if (simulation.hops[hop].goes_up) {
        simulation.hops[hop].up_bytes_of_input[static_cast<std::size_t>(input)] =
            inference.up_bytes(input, hop);
      }
    }
  }
}

}  // namespace offcut
