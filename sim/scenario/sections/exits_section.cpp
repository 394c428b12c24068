// Reads the exits of a plan and the rules of classes there: the shares of requests that leave, or
// the thresholds from which their inputs do.

#include "sim/scenario/sections/exits_section.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut::scenario {
namespace {

constexpr KeySpec kExit[] = {
    {.name = "leaves",
     .kind = ValueKind::number,
     .bounds = {0, 1},
     .absent = "measured on the inputs, with `confidence` or `entropy` and the math on; otherwise "
               "required for all outputs but the deepest",
     .doc = "The share of the requests that leave at this output, of those that get there. Plans "
            "count with it, and without math requests leave with this probability.",
     .example = "leaves: 94 %"},
    {.name = "confidence",
     .kind = ValueKind::number,
     .bounds = {0, 1},
     .absent = "none",
     .doc =
         "With the math on, an input leaves here if the largest of the output's probabilities is "
         "at least this. All plans of the model then keep its exits.",
     .example = "plan: {algorithm: min-cut, exits: {exit1_prob: {confidence: 0.9}}}"},
    {.name = "entropy",
     .kind = ValueKind::number,
     .bounds = {0, 100},
     .absent = "none",
     .doc = "The same by the entropy of the output's probabilities, in nats: an input leaves if it "
            "is at most this. An exit has `confidence` or `entropy`, but not both.",
     .example = "plan: {algorithm: min-cut, exits: {exit1_prob: {entropy: 0.3}}}"},
    {.name = "accuracy",
     .kind = ValueKind::number,
     .bounds = {0, 1},
     .absent = "measured like `leaves`, or else unknown",
     .doc = "The share of the answers of this output that are right. Plans count with it.",
     .example = "accuracy: 0.99"},
};
constexpr KeyTable kExitKeys{.doc = "The statistics of an output of the network, by its name.",
                             .keys = kExit};
constexpr KeySpec kExits[] = {
    {.name = "OUTPUT",
     .below = &kExitKeys,
     .doc = "An output of the network, an exit at which requests can leave.",
     .example = "exits: {exit1_prob: {leaves: 0.94, accuracy: 0.99}, prob: {accuracy: 0.992}}"},
};

constexpr KeySpec kClassExit[] = {
    {.name = "leaves",
     .kind = ValueKind::number,
     .bounds = {0, 1},
     .absent = "as in the plan",
     .doc = "Without math, the share of the class's requests that leave at this output, of those "
            "that get there.",
     .example = "leaves: 94 %"},
    {.name = "confidence",
     .kind = ValueKind::number,
     .bounds = {0, 1},
     .absent = "as in the plan",
     .doc = "With the math on, an input leaves here if the largest probability is at least this.",
     .example = "confidence: 0.9"},
    {.name = "entropy",
     .kind = ValueKind::number,
     .bounds = {0, 100},
     .absent = "as in the plan",
     .doc = "With the math on, an input leaves here if the entropy, in nats, is at most this.",
     .example = "entropy: 0.3"},
};
constexpr KeyTable kClassExitKeys{.doc = "The rule of a class of requests at an exit.",
                                  .keys = kClassExit,
                                  .title = "Exit of a class"};
constexpr KeySpec kClassExits[] = {
    {.name = "OUTPUT",
     .below = &kClassExitKeys,
     .doc = "An exit of the plan of the class's model.",
     .example = "exits: {exit1_prob: {confidence: 0.99}}"},
};

/// Reads `confidence` or `entropy`.
std::optional<ExitRule> read_rule(MapReader& exit) {
  const auto confidence = exit.number_if_given("confidence");
  const auto entropy = exit.number_if_given("entropy");
  if (confidence && entropy) {
    exit.error("entropy", "an exit has 'confidence' or 'entropy', but not both");
  }
  if (confidence) {
    return ExitRule{ExitRule::Measure::probability, *confidence};
  }
  return entropy ? std::optional(ExitRule{ExitRule::Measure::entropy, *entropy}) : std::nullopt;
}

}  // namespace

constinit const KeyTable kExitsKeys{
    .doc =
        "The exits of the network. At least one entry. The algorithm `edgent` counts with them; "
        "under any other, and under all if an exit has `confidence` or `entropy`, requests leave "
        "at the exits of the plan that the algorithm finds for the whole network.",
    .keys = kExits};
constinit const KeyTable kClassExitsKeys{
    .doc =
        "The rules of the class at the exits of its model, in place of those of the plan. At "
        "least one entry.",
    .keys = kClassExits,
    .title = "Exits of a class"};

std::vector<ExitChoice> read_exits(MapReader& plan) {
  std::vector<ExitChoice> choices;
  if (plan.raw("exits") == nullptr) {
    return choices;
  }
  MapReader exits = plan.map("exits");
  for (const std::string& output : exits.keys()) {
    MapReader exit = exits.map(output);
    choices.push_back({{.output = output}, {}, exits.place(output)});
    partition::ExitStatistics& statistics = choices.back().statistics;
    statistics.leaves = exit.number_if_given("leaves");
    choices.back().rule = read_rule(exit);
    statistics.accuracy = exit.number_if_given("accuracy");
    exit.done();
  }
  if (exits.present() && choices.empty()) {
    plan.error("exits", "expected at least one");
  }
  return choices;
}

std::vector<ClassExitChoice> read_class_exits(MapReader& reader, const ReadSoFar& so_far,
                                              std::size_t model) {
  std::vector<ClassExitChoice> choices;
  if (reader.raw("exits") == nullptr) {
    return choices;
  }
  std::vector<std::string> known;
  for (const ExitChoice& exit : so_far.scenario.models[model].plan.exits) {
    known.push_back(exit.statistics.output);
  }
  MapReader exits = reader.map("exits");
  for (const std::string& output : exits.keys()) {
    MapReader exit = exits.map(output);
    choices.push_back(
        {output, exit.number_if_given("leaves"), read_rule(exit), exits.place(output)});
    exit.done();
    if (std::find(known.begin(), known.end(), output) == known.end()) {
      exits.error(output, fmt::format("the plan of its model has no exit {}{}", in_quotes(output),
                                      suggestion(output, known)));
    }
  }
  if (exits.present() && choices.empty()) {
    reader.error("exits", "expected at least one");
  }
  return choices;
}

}  // namespace offcut::scenario
