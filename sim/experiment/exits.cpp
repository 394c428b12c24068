#include "sim/experiment/exits.h"

#include <fmt/format.h>

#include <algorithm>

namespace offcut::experiment {

void set_exits(const Graph& graph, const scenario::PlanChoice& plan, partition::Problem& problem) {
  std::vector<std::string> outputs;
  for (const TensorId output : graph.outputs()) {
    outputs.push_back(graph.tensor(output).name);
  }
  std::vector<Diagnostic> diagnostics;
  for (const scenario::ExitChoice& exit : plan.exits) {
    const std::string& name = exit.statistics.output;
    if (std::find(outputs.begin(), outputs.end(), name) == outputs.end()) {
      diagnostics.push_back(
          {exit.place, fmt::format("{}: the network has no output {}{}", plan.path_of("exits"),
                                   in_quotes(name), suggestion(name, outputs))});
    }
    problem.extras.exits.push_back(exit.statistics);
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
}

}  // namespace offcut::experiment
