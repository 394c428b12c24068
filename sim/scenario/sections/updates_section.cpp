// Reads when new weights are pushed and data is uploaded, and between which tiers. The sizes of
// weights follow from the plans, which compile() knows.

#include "sim/scenario/sections/updates_section.h"

#include <fmt/format.h>

#include <algorithm>
#include <cmath>

namespace offcut::scenario {
namespace {

constexpr Bounds kUpdatePeriod{1e-3, kMostSeconds};
constexpr Bounds kUpdateSize{1, 1e15};

constexpr KeySpec kPush[] = {
    {.name = "at",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .doc = "The time at which a version leaves the last tier.",
     .example = "pushes: [{at: 5 s}, {at: 20 s}]"},
};
constexpr KeyTable kPushKeys{.doc = "A push.", .keys = kPush};

constexpr KeySpec kWeights[] = {
    {.name = "models",
     .kind = ValueKind::name,
     .noun = "model",
     .lists = Lists::also,
     .absent = "all models",
     .doc = "The models of `models` that get new versions, all of them at the same times.",
     .example = "weights: {models: detector, every: 10 min}"},
    {.name = "every",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kUpdatePeriod,
     .absent = "required without `pushes`",
     .doc = "The time between two pushes.",
     .example = "weights: {every: 10 min}"},
    {.name = "first",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .absent = "after `every`",
     .doc = "The time of the first of these pushes.",
     .example = "weights: {every: 10 min, first: 1 min}"},
    {.name = "pushes",
     .lists = Lists::only,
     .below = &kPushKeys,
     .absent = "none",
     .doc = "Pushes at given times, in ascending order, in place of `every`.",
     .example = "weights: {pushes: [{at: 5 s}, {at: 20 s}]}"},
    {.name = "to",
     .kind = ValueKind::name,
     .noun = "tier",
     .lists = Lists::also,
     .absent = "all tiers but the last",
     .doc = "The tiers that get new versions. The others are as they are, with any version.",
     .example = "weights: {every: 10 min, to: [device]}"},
    {.name = "size",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .bounds = kUpdateSize,
     .absent = "the weights of the layers that the plan puts on the tier",
     .doc = "The size of a version for each device or site, such as that of a difference to the "
            "version before.",
     .example = "weights: {every: 10 min, size: 200 kB}"},
    {.name = "priority",
     .kind = ValueKind::choice,
     .choices = "share, background",
     .noun = "priority",
     .fallback = "share",
     .doc = "`share`: messages share links max-min with those of requests. `background`: they "
            "progress only while no message of a request is under way on any of their links.",
     .example = "weights: {every: 10 min, priority: background}"},
};
constexpr KeyTable kWeightsKeys{
    .doc =
        "New versions of models, pushed from the last tier. The old version serves until the new "
        "one has arrived and is loaded.",
    .keys = kWeights,
    .exactly_one = "every, pushes"};

constexpr KeySpec kData[] = {
    {.name = "from",
     .kind = ValueKind::name,
     .noun = "tier",
     .absent = "the devices",
     .doc = "The tier whose devices, or sites, upload data.",
     .example = "data: {from: edge, size: 20 MB, every: 1 min}"},
    {.name = "size",
     .kind = ValueKind::number,
     .dimension = Dimension::data,
     .bounds = kUpdateSize,
     .doc = "The size of the data of each device or site.",
     .example = "data: {size: 1 MB, every: 1 min}"},
    {.name = "every",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = kUpdatePeriod,
     .doc = "The time between two uploads. One begins when the one before is on the last tier.",
     .example = "data: {size: 1 MB, every: 1 min}"},
    {.name = "first",
     .kind = ValueKind::number,
     .dimension = Dimension::time,
     .bounds = {0, kMostSeconds},
     .absent = "after `every`",
     .doc = "The time of the first upload.",
     .example = "data: {size: 1 MB, every: 1 min, first: 10 s}"},
    {.name = "priority",
     .kind = ValueKind::choice,
     .choices = "background, share",
     .noun = "priority",
     .fallback = "background",
     .doc =
         "As for `weights`. A device that has a link of its own sends one message at a time, and "
         "so uploads data in the background only.",
     .example = "data: {from: edge, size: 1 MB, every: 1 min, priority: share}"},
};
constexpr KeyTable kDataKeys{.doc = "Data that is uploaded to the last tier for training.",
                             .keys = kData};

constexpr KeySpec kUpdates[] = {
    {.name = "weights",
     .below = &kWeightsKeys,
     .absent = "none",
     .doc = "New versions of models.",
     .example = "updates: {weights: {every: 10 min}}"},
    {.name = "data",
     .below = &kDataKeys,
     .absent = "none",
     .doc = "Data for training.",
     .example = "updates: {data: {size: 1 MB, every: 1 min}}"},
};

/// Reads `every` and `first`.
void read_period(MapReader& reader, engine::UpdateSchedule& schedule) {
  schedule.every = reader.quantity_if_given<Seconds>("every");
  schedule.first =
      reader.quantity_if_given<Seconds>("first").value_or(schedule.every.value_or(Seconds(0)));
}

void read_pushes(MapReader& weights, engine::UpdateSchedule& schedule) {
  const YamlNode* pushes = weights.raw("pushes");
  if (pushes == nullptr) {
    if (!schedule.every && !weights.has("every")) {
      weights.missing(split_list(kWeightsKeys.exactly_one),
                      "updates.weights: 'every' or 'pushes' is missing");
    }
    return;
  }
  if (weights.has("every") || weights.has("first")) {
    weights.error("pushes", "give 'every' or 'pushes', not both");
  }
  if (pushes->kind != YamlNode::Kind::sequence || pushes->items.empty()) {
    weights.error("pushes", "expected a list of pushes, such as [{at: 5 s}]");
    return;
  }
  for (MapReader& push : weights.maps("pushes")) {
    const Seconds at = push.quantity<Seconds>("at");
    if (!schedule.at.empty() && at < schedule.at.back()) {
      push.error("at", "times must be in ascending order");
    }
    schedule.at.push_back(at);
    push.done();
  }
}

/// Returns the names of the tiers but the last, the devices first.
std::vector<std::string> nearer_tiers(const Scenario& scenario) {
  std::vector<std::string> names = {scenario.device_tier};
  for (std::size_t tier = scenario.groups; tier + 1 < scenario.tiers.size(); ++tier) {
    names.push_back(scenario.tiers[tier].name);
  }
  return names;
}

/// Returns the numbers of the tiers of that name: one, or those of all groups of devices.
std::vector<std::size_t> numbers_of(const Scenario& scenario, const std::string& name) {
  std::vector<std::size_t> numbers;
  for (std::size_t tier = 0; tier < scenario.tiers.size(); ++tier) {
    if (tier < scenario.groups ? name == scenario.device_tier : name == scenario.tiers[tier].name) {
      numbers.push_back(tier);
    }
  }
  return numbers;
}

/// Notes an error if messages in the background can't be paused on the way.
void check_background(MapReader& reader, const Scenario& scenario, bool up) {
  engine::Simulation links{scenario, {}, {}, {}, {}, {}, scenario.groups, {}};
  links.tiers.assign(scenario.tiers.begin(), scenario.tiers.end());
  links.hops.assign(scenario.hops.begin(), scenario.hops.end());
  for (std::size_t hop = 0; hop + 1 < scenario.tiers.size() && hop < links.hops.size(); ++hop) {
    if (links.hops[hop].cell) {
      reader.error("priority", fmt::format("nothing can be paused in the Wi-Fi cell of '{}'{}",
                                           links.hops[hop].name, up ? "" : ": expected share"));
      return;
    }
    if (!engine::is_served_by_engine(links, hop, up)) {
      reader.error("priority",
                   fmt::format("SimGrid serves the links of '{}', on which nothing can be paused: "
                               "expected share",
                               links.hops[hop].name));
      return;
    }
  }
}

WeightsChoice read_weights(MapReader& weights, const ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  WeightsChoice choice{.place = weights.place("every")};
  std::vector<std::string> models;
  for (const ModelChoice& model : scenario.models) {
    models.push_back(model.name);
  }
  if (weights.raw("models") != nullptr && models.size() == 1 && models.front().empty()) {
    weights.error("models", "the scenario has one model, without a name");
  } else if (weights.has("models")) {
    const std::vector<std::string> chosen = weights.some_of("models", models);
    for (std::size_t i = 0; i < models.size(); ++i) {
      if (std::find(chosen.begin(), chosen.end(), models[i]) != chosen.end()) {
        choice.models.push_back(i);
      }
    }
  } else {
    for (std::size_t i = 0; i < models.size(); ++i) {
      choice.models.push_back(i);
    }
  }
  read_period(weights, choice.schedule);
  read_pushes(weights, choice.schedule);
  const std::vector<std::string> nearer = nearer_tiers(scenario);
  const std::vector<std::string> to =
      weights.raw("to") == nullptr ? nearer : weights.some_of("to", nearer);
  for (const std::string& name : to) {
    const std::vector<std::size_t> numbers = numbers_of(scenario, name);
    choice.tiers.insert(choice.tiers.end(), numbers.begin(), numbers.end());
  }
  choice.size = weights.quantity_if_given<Bytes>("size");
  choice.is_background = weights.choice("priority") == "background";
  if (choice.is_background) {
    check_background(weights, scenario, false);
  }
  weights.done();
  return choice;
}

engine::DataUpload read_data(MapReader& data, const ReadSoFar& so_far) {
  const Scenario& scenario = so_far.scenario;
  engine::DataUpload upload;
  const std::vector<std::string> nearer = nearer_tiers(scenario);
  const auto from =
      data.raw("from") == nullptr ? std::optional(nearer.front()) : data.one_of("from", nearer);
  const std::vector<std::size_t> numbers = numbers_of(scenario, from.value_or(nearer.front()));
  upload.tier = numbers.empty() ? 0 : numbers.front();
  upload.bytes = Bytes(std::ceil(data.quantity<Bytes>("size").si()));
  upload.schedule.every = data.quantity<Seconds>("every");
  upload.schedule.first = data.quantity_if_given<Seconds>("first").value_or(*upload.schedule.every);
  upload.is_background = data.choice("priority") != "share";
  const bool has_own_links =
      upload.tier < scenario.groups && !scenario.hops.empty() &&
      std::any_of(scenario.hops.begin(),
                  scenario.hops.begin() +
                      static_cast<std::ptrdiff_t>(std::min(scenario.groups, scenario.hops.size())),
                  [](const HopChoice& hop) { return !hop.shared; });
  if (!upload.is_background && has_own_links) {
    data.error("priority",
               "devices with links of their own send one message at a time: expected background");
  } else if (upload.is_background) {
    check_background(data, scenario, true);
  }
  data.done();
  return upload;
}

}  // namespace

constinit const KeyTable kUpdatesKeys{
    .doc =
        "The traffic of a run beside its requests: new weights for the tiers, and data for "
        "training.",
    .keys = kUpdates};

void read_updates(MapReader& top, ReadSoFar& so_far) {
  Scenario& scenario = so_far.scenario;
  if (top.raw("updates") == nullptr) {
    return;
  }
  MapReader updates = top.map("updates");
  if (scenario.mobility) {
    top.error("updates",
              "weights and data take the links of the places at the start: expected no "
              "'mobility'");
  }
  const bool known = so_far.tiers_valid && scenario.hops.size() + 1 >= scenario.tiers.size();
  if (known && scenario.tiers.size() == scenario.groups) {
    top.error("updates", "there is no tier beyond the devices");
  }
  if (!known || scenario.tiers.size() == scenario.groups) {
    updates.ignore_rest();
    updates.done();
    return;
  }
  if (updates.raw("weights") != nullptr) {
    MapReader weights = updates.map("weights");
    scenario.updates.weights = read_weights(weights, so_far);
  }
  if (updates.raw("data") != nullptr) {
    MapReader data = updates.map("data");
    scenario.updates.data = read_data(data, so_far);
  }
  if (updates.present() && !updates.has("weights") && !updates.has("data")) {
    updates.missing({"weights", "data"}, "updates: 'weights' or 'data' is missing");
  }
  updates.done();
}

}  // namespace offcut::scenario
