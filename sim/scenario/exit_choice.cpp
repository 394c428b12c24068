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

void read_exits(MapReader& plan, Scenario& scenario) {
  if (plan.raw("exits") == nullptr) {
    return;
  }
  MapReader exits = plan.map("exits", false);
  for (const std::string& output : exits.keys()) {
    MapReader exit = exits.map(output, true);
    scenario.exits.push_back({{.output = output}, exits.place(output)});
    ExitOdds& odds = scenario.exits.back().odds;
    odds.leaves = read_part(exit, "leaves");
    odds.accuracy = read_part(exit, "accuracy");
    exit.done();
  }
  if (exits.present() && scenario.exits.empty()) {
    plan.mistake("exits", "expected at least one");
  }
}

void set_exits(const Graph& graph, const Scenario& scenario, Problem& problem) {
  std::vector<std::string> outputs;
  for (const TensorId output : graph.outputs()) {
    outputs.push_back(graph.tensor(output).name);
  }
  std::vector<Mistake> mistakes;
  for (const ExitChoice& exit : scenario.exits) {
    const std::string& name = exit.odds.output;
    if (std::find(outputs.begin(), outputs.end(), name) == outputs.end()) {
      mistakes.push_back({exit.place, fmt::format("plan.exits: the network has no output {}{}",
                                                  in_quotes(name), suggestion(name, outputs))});
    }
    problem.exits.push_back(exit.odds);
  }
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
}

}  // namespace offcut
