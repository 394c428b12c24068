#include "sim/scenario/experiment.h"

#include <fmt/format.h>

#include <algorithm>

#include "models/base/error.h"
#include "models/cost/roofline.h"
#include "partition/graph_problem.h"

namespace offcut {
namespace {

using Columns = std::map<std::string, std::vector<Seconds>>;

std::vector<Seconds> times_on(const Graph& graph, const Device& device, const TierChoice& tier,
                              const Scenario& scenario) {
  if (scenario.model.source == ModelChoice::Source::layers) {
    throw InputError(tier.place,
                     fmt::format("tiers.{}: a layer table has times for columns, not for devices; "
                                 "expected {{is: column:NAME}}",
                                 tier.name));
  }
  std::vector<Seconds> times;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    times.push_back(layer_time(device, graph.layer(id).work));
  }
  return times;
}

std::vector<Seconds> times_in(const Columns& columns, const std::string& column,
                              const TierChoice& tier, const Scenario& scenario) {
  if (const auto found = columns.find(column); found != columns.end()) {
    return found->second;
  }
  std::vector<std::string> names;
  for (const auto& [name, times] : columns) {
    names.push_back(name);
  }
  throw InputError(tier.place, fmt::format("tiers.{}.is: '{}' has no column '{}_s'{}", tier.name,
                                           scenario.model.name, column, suggestion(column, names)));
}

std::vector<TierTimes> tier_times(const Graph& graph, const Columns& columns,
                                  const Scenario& scenario) {
  std::vector<TierTimes> all;
  std::vector<Mistake> mistakes;
  for (const TierChoice& tier : scenario.tiers) {
    try {
      const auto* device = std::get_if<Device>(&tier.is);
      all.push_back(
          {tier.name, device != nullptr
                          ? times_on(graph, *device, tier, scenario)
                          : times_in(columns, std::get<std::string>(tier.is), tier, scenario)});
    } catch (const InputError& error) {
      mistakes.insert(mistakes.end(), error.mistakes().begin(), error.mistakes().end());
    }
  }
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  return all;
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
            auto& keys = below.value.entries;
            below.value.add("wire", YamlNode::scalar(std::string(to_text(wire))));
            keys.splice(keys.begin(), keys, std::prev(keys.end()));  // as if it had been given
          }
        }
      }
    }
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
  Columns columns;
  Graph graph = load_model(scenario.model, registries, scenario.seed, columns);
  settle_input(graph, scenario);
  std::vector<Hop> hops;
  for (const HopChoice& hop : scenario.hops) {
    hops.push_back(hop.hop);
  }
  Problem problem = problem_of(graph, tier_times(graph, columns, scenario), std::move(hops));
  return {std::move(scenario), std::move(graph), std::move(problem)};
}

Simulation simulation_of(const Experiment& experiment, const Plan& plan, const Arrivals& arrivals) {
  const Scenario& scenario = experiment.scenario;
  Simulation simulation{.seed = scenario.seed,
                        .arrivals = &arrivals,
                        .closed_loop = scenario.arrivals->closed_loop,
                        .stop = scenario.stop};
  for (std::size_t i = 0; i < scenario.tiers.size(); ++i) {
    const TierChoice& tier = scenario.tiers[i];
    simulation.tiers.push_back(
        {.name = tier.name,
         .servers = tier.count,
         .used = std::find(plan.tier_of.begin(), plan.tier_of.end(), i) != plan.tier_of.end(),
         .service = plan.cost.compute[i],
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
  const Graph& graph = experiment.graph;
  Dataset data = model.images.empty()
                     ? random_dataset(graph.tensor(graph.inputs().front()).type.shape, model.random,
                                      experiment.scenario.seed)
                     : read_dataset(model.images, model.labels);
  const auto images = static_cast<std::int64_t>(data.images.size());
  const std::int64_t stride = model.math == ModelChoice::Math::every
                                  ? 1
                                  : std::max<std::int64_t>(1, images / model.samples);
  return std::make_unique<Inference>(graph, plan.tier_of, std::move(data), model.divide, stride);
}

}  // namespace offcut
