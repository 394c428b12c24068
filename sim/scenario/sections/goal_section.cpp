#include "sim/scenario/sections/goal_section.h"

#include <fmt/format.h>

namespace offcut::scenario {
namespace {

constexpr double kMostWeight = 1e12;
constexpr double kMostLayers = 1e9;

const std::vector<std::string> kTerms = {"latency", "energy", "money", "throughput"};

double& weight_of(partition::Objective& objective, const std::string& term) {
  return term == "latency"  ? objective.latency
         : term == "energy" ? objective.energy
         : term == "money"  ? objective.money
                            : objective.bottleneck;
}

partition::Objective read_objective(MapReader& plan) {
  const YamlNode* node = plan.raw("objective");
  partition::Objective objective{.latency = 0};
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
    plan.error("objective",
               "expected a weight of at least one of latency, energy, money, throughput");
  }
  return objective;
}

/// What a planner knows of the tier's memory.
std::optional<Bytes> memory_of(const TierChoice& tier) {
  const auto* device = std::get_if<cost::Device>(&tier.is);
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
    if (tiers.empty()) {  // they are invalid
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
      limits.error("memory", fmt::format("the memory of '{}' is not known: expected a map, such as "
                                         "{{{}: 1 GB}}",
                                         tiers[i].name, tiers[i].name));
    }
  }
  return memory;
}

void check_power(MapReader& plan, const Scenario& scenario, const partition::Objective& objective) {
  const auto* device =
      scenario.tiers.empty() ? nullptr : std::get_if<cost::Device>(&scenario.tiers.front().is);
  if (objective.energy > 0 && !scenario.tiers.empty() &&
      (device == nullptr || device->busy == Watts(0))) {
    plan.error("objective", fmt::format("what '{}' draws is not known: energy needs a device with "
                                        "a power",
                                        scenario.tiers.front().name));
  }
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
      limits.error("pin-tail", "with a codec, the math can't run a tail: expected " +
                                   model->section + ".math: off");
    }
  }
  limits.done();
}

}  // namespace offcut::scenario
