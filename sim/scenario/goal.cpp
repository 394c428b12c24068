#include "sim/scenario/goal.h"

#include <fmt/format.h>

#include <algorithm>

#include "partition/graph_problem.h"

namespace offcut {
namespace {

constexpr double kSecondsPerHour = 3600;
constexpr double kBytesPerGigabyte = 1e9;
constexpr double kMostWeight = 1e12;
constexpr double kMostLayers = 1e9;

const std::vector<std::string> kTerms = {"latency", "energy", "money", "throughput"};

double& weight_of(Objective& objective, const std::string& term) {
  return term == "latency"  ? objective.latency
         : term == "energy" ? objective.energy
         : term == "money"  ? objective.money
                            : objective.bottleneck;
}

Objective read_objective(MapReader& plan) {
  const YamlNode* node = plan.raw("objective");
  Objective objective{.latency = 0};
  if (node == nullptr || node->kind != YamlNode::Kind::map) {
    const auto term = plan.one_of("objective", "objective", kTerms, "latency");
    weight_of(objective, term.value_or("latency")) = 1;
    return objective;
  }
  MapReader weights = plan.map("objective", false);
  for (const std::string& term : kTerms) {
    weight_of(objective, term) =
        weights.number(term, Dimension::number, 0, {.least = 0, .most = kMostWeight});
  }
  weights.done();
  if (weights.keys().empty()) {
    plan.mistake("objective",
                 "expected a weight of at least one of latency, energy, money, throughput");
  }
  return objective;
}

/// What a planner knows of the tier's memory.
std::optional<Bytes> memory_of(const TierChoice& tier) {
  const auto* device = std::get_if<Device>(&tier.is);
  return device != nullptr ? std::optional(device->memory) : std::nullopt;
}

std::vector<std::optional<Bytes>> read_memory(MapReader& limits,
                                              const std::vector<TierChoice>& tiers) {
  const YamlNode* node = limits.raw("memory");
  std::vector<std::optional<Bytes>> memory(tiers.size());
  if (node == nullptr) {
    return {};
  }
  if (node->kind == YamlNode::Kind::map) {
    MapReader reader = limits.map("memory", false);
    for (std::size_t i = 0; i < tiers.size(); ++i) {
      if (reader.raw(tiers[i].name) != nullptr) {
        memory[i] = reader.quantity<Bytes>(tiers[i].name);
      }
    }
    if (tiers.empty()) {  // they are mistaken
      reader.ignore_rest();
    }
    reader.done();
    return memory;
  }
  if (!limits.flag("memory", false)) {
    return {};
  }
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    memory[i] = memory_of(tiers[i]);
    if (!memory[i]) {
      limits.mistake("memory",
                     fmt::format("the memory of '{}' is not known: expected a map, such as "
                                 "{{{}: 1 GB}}",
                                 tiers[i].name, tiers[i].name));
    }
  }
  return memory;
}

void check_power(MapReader& plan, const Scenario& scenario, const Objective& objective) {
  const auto* device =
      scenario.tiers.empty() ? nullptr : std::get_if<Device>(&scenario.tiers.front().is);
  if (objective.energy > 0 && !scenario.tiers.empty() &&
      (device == nullptr || device->busy == Watts(0))) {
    plan.mistake("objective",
                 fmt::format("what '{}' draws is not known: energy needs a device with "
                             "a power",
                             scenario.tiers.front().name));
  }
}

/// The first, or the last, layers, as many as are asked for.
std::vector<LayerId> layers_between(std::size_t begin, std::size_t end) {
  std::vector<LayerId> layers;
  for (std::size_t layer = begin; layer < end; ++layer) {
    layers.push_back(layer);
  }
  return layers;
}

}  // namespace

void read_goal(MapReader& plan, const Scenario& scenario,
               const std::vector<const ModelChoice*>& models, PlanChoice& choice) {
  choice.objective = read_objective(plan);
  check_power(plan, scenario, choice.objective);
  if (plan.raw("limits") == nullptr) {
    return;
  }
  LimitChoice& chosen = choice.limits;
  chosen.place = plan.place("limits");
  MapReader limits = plan.map("limits", false);
  chosen.memory = read_memory(limits, scenario.tiers);
  if (limits.raw("deadline") != nullptr) {
    chosen.deadline = limits.quantity<Seconds>("deadline", {}, {.least = 0, .most = kMostSeconds});
  }
  const Bounds count{.least = 0, .most = kMostLayers};
  chosen.pin_first = static_cast<std::size_t>(limits.integer("pin-first", 0, count));
  chosen.pin_tail = static_cast<std::size_t>(limits.integer("pin-tail", 0, count));
  chosen.keep_input = limits.flag("keep-input", false);
  for (const ModelChoice* model : models) {
    if (chosen.pin_tail > 0 && plan.has("codec") && model->math != ModelChoice::Math::off) {
      limits.mistake("pin-tail", "with a codec, the math can't run a tail: expected " +
                                     model->section + ".math: off");
    }
  }
  limits.done();
}

void set_goal(const Graph& graph, const Scenario& scenario, Problem& problem) {
  const PlanChoice& plan = scenario.model.plan;
  problem.goal.objective = plan.objective;
  if (const auto* device = std::get_if<Device>(&scenario.tiers.front().is)) {
    problem.power.busy = device->busy;
  }
  if (!scenario.hops.empty() && scenario.hops.front().radio) {
    const HopChoice& hop = scenario.hops.front();
    problem.power.send = upload_power(*hop.radio, problem.hops.front().up);
    problem.power.receive = download_power(*hop.radio, problem.hops.front().down);
  }
  for (const TierChoice& tier : scenario.tiers) {
    problem.price.push_back(tier.price / kSecondsPerHour);
  }
  for (std::size_t hop = 0; hop < problem.hops.size(); ++hop) {
    problem.hops[hop].price = scenario.hops[hop].price / kBytesPerGigabyte;
  }
  const LimitChoice& limits = plan.limits;
  const std::size_t layers = problem.layer_count();
  if (limits.pin_first + limits.pin_tail > layers) {
    throw InputError(limits.place,
                     fmt::format("{}.limits: pin-first and pin-tail together are {} layers, the "
                                 "model has {}",
                                 plan.section, limits.pin_first + limits.pin_tail, layers));
  }
  problem.goal.limits.memory = limits.memory;
  problem.goal.limits.deadline = limits.deadline;
  problem.goal.limits.pinned = layers_between(0, limits.pin_first);
  problem.tail = layers_between(layers - limits.pin_tail, layers);
  if (limits.keep_input) {
    std::vector<LayerId> all;
    const std::vector<LayerId> raw = layers_that_keep_inputs(graph);
    std::set_union(raw.begin(), raw.end(), problem.goal.limits.pinned.begin(),
                   problem.goal.limits.pinned.end(), std::back_inserter(all));
    problem.goal.limits.pinned = std::move(all);
    if (limits.pin_tail > 0 && !raw.empty() && raw.back() >= layers - limits.pin_tail) {
      throw InputError(limits.place,
                       fmt::format("{}.limits: keep-input holds layer '{}' on the device, which "
                                   "pin-tail takes for the tail",
                                   plan.section, problem.layers[raw.back()]));
    }
  }
  problem.check();
}

}  // namespace offcut
