// Reads the plans: the scenario's, which all models share that have none of their own, and those of
// models. Every model ends up with a plan, so that nothing after this section tells them apart.

#include "sim/scenario/sections/plan_section.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/scenario/sections/codec_section.h"
#include "sim/scenario/sections/exits_section.h"
#include "sim/scenario/sections/goal_section.h"
#include "sim/scenario/sections/load_section.h"
#include "sim/scenario/sections/named_file.h"
#include "sim/scenario/sections/user_classes_section.h"

namespace offcut::scenario {
namespace {

using Models = std::vector<const ModelChoice*>;

constexpr KeySpec kPlan[] = {
    {.name = "compare",
     .kind = ValueKind::name,
     .choices = "none",
     .noun = "algorithm",
     .registry = "algorithms",
     .lists = Lists::also,
     .absent =
         "`[device-only, edge-only, cloud-only]`; of two tiers, the second under one of these "
         "names; of one, `device-only`",
     .doc = "The algorithms whose plans are run beside the chosen ones, under the same arrivals; "
            "`none` for none.",
     .example = "compare: [device-only, neurosurgeon]"},
};

constexpr KeySpec kModelPlan[] = {
    {.name = "algorithm",
     .kind = ValueKind::name,
     .noun = "algorithm",
     .registry = "algorithms",
     .absent = "required without `file`",
     .doc = "The algorithm that plans. Its parameters stand beside it.",
     .example = "algorithm: exact"},
    {.name = "codec",
     .kind = ValueKind::text,
     .registry = "codecs",
     .lists = Lists::also,
     .below = &kCodecKeys,
     .absent = "tensors cross as they are",
     .doc = "The codec of all tensors that cross a link, or a map of the codecs of single tensors. "
            "From a list, the algorithm `codec-aware` chooses by measured accuracy.",
     .example = "codec: int8"},
    {.name = "cache",
     .kind = ValueKind::text,
     .absent = "the folder of the ONNX file",
     .doc = "The folder in which the measured accuracy of a list of codecs is kept.",
     .example = "plan: {algorithm: codec-aware, codec: [int8, int4], cache: results/codecs}"},
    {.name = "objective",
     .kind = ValueKind::choice,
     .choices = kObjectives,
     .noun = "objective",
     .below = &kWeightKeys,
     .fallback = "latency",
     .doc = "The cost that the plan minimises, of one request in an idle system: a term "
            "(`throughput`: the longest stage), or a weighted sum of terms.",
     .example = "plan: {algorithm: exact, objective: energy}"},
    {.name = "limits",
     .below = &kLimitKeys,
     .absent = "none",
     .doc = "The limits that every plan keeps.",
     .example = "limits: {pin-first: 1}"},
    {.name = "classes",
     .below = &kUserClassesKeys,
     .absent = "none",
     .doc = "Users with other devices than those of the first tier.",
     .example = "plan: {algorithm: iao, classes: {tablet: {is: jetson-nano, count: 2}}}"},
    {.name = "exits",
     .below = &kExitsKeys,
     .absent = "none",
     .doc = "The statistics of the network's exits.",
     .example = "exits: {exit1_prob: {leaves: 0.94}, prob: {}}"},
};

/// Returns the algorithms with which a plan of the chosen one (null: several plans) is compared by
/// default: the first, the second and the last tier alone, if there are so many. The second of two
/// is named after the cloud if that is the tier's name.
std::vector<std::string> default_compare(const ReadSoFar& so_far,
                                         const partition::Algorithm* chosen) {
  using partition::Baseline;
  const std::vector<TierChoice>& tiers = so_far.scenario.tiers;
  const std::size_t on_way = engine::levels(tiers.size(), so_far.scenario.groups);
  std::vector<Baseline> baselines = {Baseline::first_tier, Baseline::second_tier,
                                     Baseline::last_tier};
  if (so_far.tiers_known && on_way <= 2) {
    const Baseline given = chosen != nullptr ? chosen->baseline : Baseline::none;
    const bool is_one = given == Baseline::second_tier || given == Baseline::last_tier;
    const bool is_cloud = !tiers.empty() && tiers.back().name == "cloud";
    baselines = {Baseline::first_tier, is_cloud ? Baseline::last_tier : Baseline::second_tier};
    baselines.resize(on_way == 2 && !is_one ? 2 : 1);
  }
  std::vector<std::string> names;
  for (const Baseline baseline : baselines) {
    for (const auto& [name, algorithm] : so_far.registries.algorithms) {
      if (algorithm.baseline == baseline) {
        names.push_back(name);
      }
    }
  }
  return names;
}

void read_compare(MapReader& plan, ReadSoFar& so_far, const partition::Algorithm* chosen) {
  const Registry<partition::Algorithm>& algorithms = so_far.registries.algorithms;
  std::vector<std::string> names = algorithms.names();
  names.emplace_back(plan.declaration("compare").choices);
  for (const std::string& name : plan.some_of("compare", names, default_compare(so_far, chosen))) {
    if (name != "none") {
      so_far.scenario.compare.push_back(algorithms.find(name));
    }
  }
}

/// Notes an error if no algorithm that runs takes the extra input of the key.
void check_taken(MapReader& plan, const ReadSoFar& so_far, const PlanChoice& choice,
                 const std::string& key, bool partition::Takes::*extra) {
  const auto takes_it = [&](const partition::Algorithm* algorithm) {
    return algorithm->takes.*extra;
  };
  const auto& compare = so_far.scenario.compare;
  if (!plan.has(key) || choice.algorithm == nullptr || takes_it(choice.algorithm) ||
      std::any_of(compare.begin(), compare.end(), takes_it)) {
    return;
  }
  std::vector<std::string> names;
  for (const auto& [name, algorithm] : so_far.registries.algorithms) {
    if (takes_it(&algorithm)) {
      names.push_back(fmt::format("'{}'", name));
    }
  }
  plan.error(key, fmt::format("only the algorithm{} {} take{} it", names.size() == 1 ? "" : "s",
                              fmt::join(names, ", "), names.size() == 1 ? "s" : ""));
}

/// Notes an error for each parameter that names an unknown tier.
void check_tiers(MapReader& plan, const ReadSoFar& so_far, const PlanChoice& choice) {
  std::vector<std::string> tiers;
  for (const TierChoice& tier : so_far.scenario.tiers) {
    tiers.push_back(tier.name);
  }
  for (const ParameterSpec& spec : choice.algorithm->parameters) {
    const std::string name = spec.is_tier ? choice.parameters.text(spec.name) : "";
    if (spec.is_tier && plan.has_scalar(spec.name) && so_far.tiers_known &&
        std::find(tiers.begin(), tiers.end(), name) == tiers.end()) {
      plan.error(spec.name,
                 fmt::format("unknown tier {}{}", in_quotes(name), suggestion(name, tiers)));
    }
  }
}

/// Returns the algorithm that a key of the plan chooses; under load, the exact one unless another
/// is named; without requests, the one that leaves all layers on the devices.
std::optional<std::string> chosen_by_key(const MapReader& plan, const ReadSoFar& so_far) {
  for (const auto& [name, algorithm] : so_far.registries.algorithms) {
    if (!algorithm.chosen_by.empty() && plan.has(algorithm.chosen_by)) {
      return name;
    }
  }
  for (const auto& [name, algorithm] : so_far.registries.algorithms) {
    if (!so_far.scenario.has_requests &&
        algorithm.baseline == partition::Baseline::first_tier) {
      return name;
    }
  }
  return is_under_load(plan) ? std::optional<std::string>("multi-tier") : std::nullopt;
}

void read_algorithm(MapReader& plan, const ReadSoFar& so_far, PlanChoice& choice) {
  const Registry<partition::Algorithm>& algorithms = so_far.registries.algorithms;
  const std::vector<std::string> names = algorithms.names();
  if (const auto chosen = plan.one_of("algorithm", names, chosen_by_key(plan, so_far))) {
    choice.algorithm = algorithms.find(*chosen);
    choice.algorithm_place = plan.place("algorithm");
    choice.parameters = plan.parameters(choice.algorithm->parameters);
    for (const ParameterSpec& spec : choice.algorithm->parameters) {
      if (spec.is_file) {
        choice.parameters.set(spec.name, existing_file(plan, spec, so_far.scenario.path));
      }
      if (plan.has(spec.name)) {
        choice.parameter_places[spec.name] = plan.place(spec.name);
      }
    }
    check_tiers(plan, so_far, choice);
  } else if (plan.has("algorithm")) {
    plan.ignore_rest();
  }
}

/// Reads one plan, that of these models.
PlanChoice read_plan(MapReader& plan, const Models& models, ReadSoFar& so_far) {
  PlanChoice choice{.section = plan.path()};
  read_algorithm(plan, so_far, choice);
  choice.codec = read_codec_choice(plan, so_far);
  read_goal(plan, so_far.scenario, models, choice);
  if (choice.section == "plan") {
    read_compare(plan, so_far, choice.algorithm);
    read_load(plan, so_far);
  } else {
    for (const char* key : kLoadNames) {
      plan.reject(key, "only the scenario's 'plan' has it: all models are planned together");
    }
    plan.reject("compare",
                "only the scenario's 'plan' can compare: its algorithms run for all models");
  }
  read_user_classes(plan, so_far, choice);
  choice.exits = read_exits(plan);
  check_taken(plan, so_far, choice, "classes", &partition::Takes::classes);
  plan.done();
  return choice;
}

/// Reads the scenario's `plan`, for the models without one of their own.
PlanChoice read_shared_plan(MapReader& top, const Models& models, ReadSoFar& so_far) {
  if (top.raw("plan") == nullptr && !models.empty() && !so_far.scenario.has_requests) {
    YamlNode form{.kind = YamlNode::Kind::map}, unused;
    form.add("compare", YamlNode::scalar("none"));
    MapReader plan = top.map_from(form, "plan", unused);
    return read_plan(plan, models, so_far);
  }
  if (top.raw("plan") == nullptr && !models.empty()) {
    top.missing({"plan"}, models.size() == so_far.scenario.models.size()
                              ? "'plan' is missing"
                              : fmt::format("'plan' is missing: {} has none of its own",
                                            models.front()->section));
  }
  MapReader plan = top.map("plan", false);
  if (!models.empty()) {
    return read_plan(plan, models, so_far);
  }
  read_compare(plan, so_far, nullptr);
  read_load(plan, so_far);
  for (const std::string& key : plan.keys()) {
    if (key != "compare" && !is_load_key(key)) {
      plan.error(key, "all models have plans of their own: here, only 'compare' is valid");
    }
  }
  return {};
}

}  // namespace

constinit const KeyTable kPlanKeys{
    .doc = "The plan of the models, and the algorithms with which it is compared.",
    .keys = kPlan,
    .more = &kLoadKeys};
constinit const KeyTable kModelPlanKeys{
    .doc =
        "The plan of a model. If every model has one of its own, the scenario's `plan` is empty, "
        "or has `compare` alone.",
    .keys = kModelPlan,
    .title = "Plan of a model"};

void read_plans(MapReader& top, ReadSoFar& so_far) {
  std::vector<ModelChoice>& models = so_far.scenario.models;
  Models sharing;
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (!so_far.own_plans[i]) {
      sharing.push_back(&models[i]);
    }
  }
  const PlanChoice shared = read_shared_plan(top, sharing, so_far);
  for (std::size_t i = 0; i < models.size(); ++i) {
    if (std::optional<MapReader>& own = so_far.own_plans[i]) {
      models[i].plan = read_plan(*own, {&models[i]}, so_far);
    } else {
      models[i].plan = shared;
      models[i].plan.model = models.size() > 1 ? models[i].name : "";
    }
  }
}

}  // namespace offcut::scenario
