#include "sim/scenario/sections/exits_section.h"

namespace offcut::scenario {
namespace {

constexpr KeySpec kExit[] = {
    {.name = "leaves",
     .kind = ValueKind::number,
     .bounds = {0, 1},
     .absent = "required for all outputs but the deepest",
     .doc = "The share of the requests that leave at this output, of those that get there.",
     .example = "leaves: 94 %"},
    {.name = "accuracy",
     .kind = ValueKind::number,
     .bounds = {0, 1},
     .absent = "unknown",
     .doc = "The share of the answers of this output that are right.",
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

}  // namespace

constinit const KeyTable kExitsKeys{
    .doc = "The exits of the network. At least one entry. The algorithm `edgent` takes them.",
    .keys = kExits};

std::vector<ExitChoice> read_exits(MapReader& plan) {
  std::vector<ExitChoice> choices;
  if (plan.raw("exits") == nullptr) {
    return choices;
  }
  MapReader exits = plan.map("exits");
  for (const std::string& output : exits.keys()) {
    MapReader exit = exits.map(output);
    choices.push_back({{.output = output}, exits.place(output)});
    partition::ExitStatistics& statistics = choices.back().statistics;
    statistics.leaves = exit.number_if_given("leaves");
    statistics.accuracy = exit.number_if_given("accuracy");
    exit.done();
  }
  if (exits.present() && choices.empty()) {
    plan.error("exits", "expected at least one");
  }
  return choices;
}

}  // namespace offcut::scenario
