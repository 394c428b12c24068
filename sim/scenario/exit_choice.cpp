#include "sim/scenario/exit_choice.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut {
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
    ExitOdds& odds = choices.back().odds;
    odds.leaves = read_part(exit, "leaves");
    odds.accuracy = read_part(exit, "accuracy");
    exit.done();
  }
  if (exits.present() && choices.empty()) {
    plan.mistake("exits", "expected at least one");
  }
  return choices;
}

void set_exits(const Graph& graph, const PlanChoice& plan, Problem& problem) {
  std::vector<std::string> outputs;
  for (const TensorId output : graph.outputs()) {
    outputs.push_back(graph.tensor(output).name);
  }
  std::vector<Mistake> mistakes;
  for (const ExitChoice& exit : plan.exits) {
    const std::string& name = exit.odds.output;
    if (std::find(outputs.begin(), outputs.end(), name) == outputs.end()) {
      mistakes.push_back(
          {exit.place, fmt::format("{}.exits: the network has no output {}{}", plan.section,
                                   in_quotes(name), suggestion(name, outputs))});
    }
    problem.extras.exits.push_back(exit.odds);
  }
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
}

}  // namespace offcut
