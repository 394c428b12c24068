// Reads the objective of a plan, a term or a weighted sum of terms, and its limits. Both refer to
// one request in an idle system.

#include "sim/scenario/sections/goal_section.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut::scenario {
namespace {

constexpr Bounds kWeightBounds{0, 1e12};
constexpr Bounds kLayerBounds{0, 1e9};

constexpr KeySpec kWeight[] = {
    {.name = "latency",
     .kind = ValueKind::number,
     .bounds = kWeightBounds,
     .fallback = "0",
     .doc = "The weight of a second of latency.",
     .example = "latency: 1"},
    {.name = "energy",
     .kind = ValueKind::number,
     .bounds = kWeightBounds,
     .fallback = "0",
     .doc = "The weight of a joule of the device. Its `power` and the `radio` of its link must "
            "be known.",
     .example = "energy: 0.1"},
    {.name = "money",
     .kind = ValueKind::number,
     .bounds = kWeightBounds,
     .fallback = "0",
     .doc = "The weight of a unit of the currency in which each `price` is given.",
     .example = "money: 1000"},
    {.name = "throughput",
     .kind = ValueKind::number,
     .bounds = kWeightBounds,
     .fallback = "0",
     .doc = "The weight of a second of the longest stage, whose inverse is the throughput.",
     .example = "plan: {algorithm: exact, objective: {throughput: 1}}"},
};

constexpr KeySpec kMemoryLimit[] = {
    {.name = "TIER",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .absent = "no limit",
     .doc = "The memory of a tier that a plan may use.",
     .example = "memory: {edge: 4 GB}"},
};
constexpr KeyTable kMemoryLimitKeys{.doc = "The memory that a plan may use.", .keys = kMemoryLimit};

constexpr KeySpec kLimit[] = {
    {.name = "memory",
     .kind = ValueKind::flag,
     .below = &kMemoryLimitKeys,
     .fallback = "false",
     .doc = "Limits a plan to the memory of each tier's device, or to the memory that a map gives. "
            "A tier needs its layers' parameters, and the most that one of them works on.",
     .example = "memory: true"},
    {.name = "deadline",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .absent = "none",
     .doc = "The longest latency that a request may have in an idle system.",
     .example = "deadline: 500 ms"},
    {.name = "pin-first",
     .kind = ValueKind::whole,
     .bounds = kLayerBounds,
     .fallback = "0",
     .doc = "The number of first layers that stay on the device.",
     .example = "pin-first: 1"},
    {.name = "pin-tail",
     .kind = ValueKind::whole,
     .bounds = kLayerBounds,
     .fallback = "0",
     .doc = "The number of last layers that run on the device when the answer is back.",
     .example = "pin-tail: 1"},
    {.name = "keep-input",
     .kind = ValueKind::flag,
     .fallback = "false",
     .doc = "Keeps raw data on the device: on each way from an input, all layers up to the first "
            "that does multiply-accumulates run there.",
     .example = "keep-input: true"},
};

const std::vector<std::string> kTerms = split_list(kObjectives);

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
    const auto term = plan.choice("objective");
    weight_of(objective, term.value_or("latency")) = 1;
    return objective;
  }
  MapReader weights = plan.map("objective");
  for (const std::string& term : kTerms) {
    weight_of(objective, term) = weights.number(term);
  }
  weights.done();
  if (objective == partition::Objective{.latency = 0}) {
    plan.error("objective",
               "expected a weight above 0 of at least one of latency, energy, money, throughput");
  }
  return objective;
}

/// The memory of the tier's device; none if its times are measured, fitted or tabled.
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
    MapReader reader = limits.map("memory");
    for (std::size_t i = 0; i < tiers.size(); ++i) {
      memory[i] = reader.quantity_if_given<Bytes>(tiers[i].name);
    }
    if (tiers.empty()) {  // They are invalid.
      reader.ignore_rest();
    }
    reader.done();
    return memory;
  }
  if (!limits.flag("memory")) {
    return {};
  }
  for (std::size_t i = 0; i < tiers.size(); ++i) {
    memory[i] = memory_of(tiers[i]);
    for (const TierChoice& machines : tiers[i].machines) {  // A plan must fit each of them.
      const std::optional<Bytes> own = memory_of(machines);
      memory[i] = own && memory[i] ? std::optional(std::min(*own, *memory[i])) : std::nullopt;
    }
    if (!memory[i]) {
      limits.error("memory", fmt::format("the memory of '{}' is unknown: expected a map, such as "
                                         "{{{}: 1 GB}}",
                                         tiers[i].name, tiers[i].name));
    }
  }
  return memory;
}

/// Energy needs the power draws of the device and of its radio.
void check_power(MapReader& plan, const Scenario& scenario, const partition::Objective& objective) {
  if (objective.energy == 0 || scenario.tiers.empty()) {
    return;
  }
  for (std::size_t group = 0; group < std::min(scenario.groups, scenario.tiers.size()); ++group) {
    const engine::MachinePower& power = scenario.tiers[group].power;
    if (!power.is_known()) {
      plan.error("objective",
                 fmt::format("the {}power draw of '{}' is unknown: energy needs a device with a "
                             "known power draw",
                             power.busy   ? "idle "
                             : power.idle ? "busy "
                                          : "",
                             scenario.tiers[group].name));
    }
    if (group < scenario.hops.size() && !scenario.hops[group].radio) {
      const HopChoice& hop = scenario.hops[group];
      plan.error("objective", fmt::format("the power draw of the radio on '{}' is unknown: energy "
                                          "needs {}.radio, with 0 W if the link takes none",
                                          hop.name, hop.section));
    }
  }
}

}  // namespace

constinit const KeyTable kWeightKeys{
    .doc = "The objective is the weighted sum of these terms of one request in an idle system.",
    .keys = kWeight};
constinit const KeyTable kLimitKeys{
    .doc = "The limits that every plan keeps. An algorithm whose plan would break one declines.",
    .keys = kLimit};

void read_goal(MapReader& plan, const Scenario& scenario,
               const std::vector<const ModelChoice*>& models, PlanChoice& choice) {
  choice.objective = read_objective(plan);
  check_power(plan, scenario, choice.objective);
  if (plan.raw("limits") == nullptr) {
    return;
  }
  LimitChoice& chosen = choice.limits;
  chosen.place = plan.place("limits");
  MapReader limits = plan.map("limits");
  chosen.memory = read_memory(limits, scenario.tiers);
  chosen.deadline = limits.quantity_if_given<Seconds>("deadline");
  chosen.pin_first = limits.count("pin-first");
  chosen.pin_tail = limits.count("pin-tail");
  chosen.keep_input = limits.flag("keep-input");
  for (const ModelChoice* model : models) {
    if (chosen.pin_tail > 0 && plan.has("codec") && model->math != ModelChoice::Math::off) {
      limits.error("pin-tail", "with a codec, the math can't run a tail: expected " +
                                   model->section + ".math: off");
    }
  }
  limits.done();
}

}  // namespace offcut::scenario
