#include "sim/scenario/sections/exits_section.h"

namespace offcut::scenario {
namespace {

std::optional<double> read_part(MapReader& exit, const std::string& key) {
  return exit.raw(key) == nullptr
             ? std::nullopt
             : std::optional(exit.number(key, Dimension::number, {}, {.least = 0, .most = 1}));
}

}  // namespace

std::vector<ExitChoice> read_exits(MapReader& plan) {
  std::vector<ExitChoice> choices;
  if (plan.raw("exits") == nullptr) {
    return choices;
  }
  MapReader exits = plan.map("exits", false);
  for (const std::string& output : exits.keys()) {
    MapReader exit = exits.map(output, true);
    choices.push_back({{.output = output}, exits.place(output)});
    partition::ExitStatistics& odds = choices.back().odds;
    odds.leaves = read_part(exit, "leaves");
    odds.accuracy = read_part(exit, "accuracy");
    exit.done();
  }
  if (exits.present() && choices.empty()) {
    plan.error("exits", "expected at least one");
  }
  return choices;
}

}  // namespace offcut::scenario
