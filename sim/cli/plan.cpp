#include <fmt/format.h>

#include "analysis/run.h"
#include "sim/cli/commands.h"
#include "sim/cli/plan_text.h"
#include "sim/cli/text_table.h"

namespace offcut::cli {

int plan(const std::string& scenario, const ScenarioChanges& changes,
         const Registries& registries) {
  const Experiment experiment = read_experiment(scenario, changes.overrides(), registries);
  std::vector<const Algorithm*> algorithms;
  for (const auto& [name, algorithm] : registries.algorithms) {
    algorithms.push_back(&algorithm);
  }
  const std::vector<Outcome> outcomes = plan_all(experiment, algorithms);
  TextTable table({"algorithm", ">latency", ">compute", ">transmission", ">upload", "placement"});
  std::string declined;
  std::string notes;
  std::string figures;  // of the scenario's own algorithm
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const std::string& name = algorithms[i]->name;
    if (const auto* refusal = std::get_if<Declined>(&outcomes[i])) {
      declined += fmt::format("{} declines: {}\n", name, refusal->reason);
      continue;
    }
    const Plan& plan = std::get<Plan>(outcomes[i]);
    table.add({name, to_readable(plan.cost.latency()), to_readable(plan.cost.compute_total()),
               to_readable(plan.cost.transmission_total()),
               plan.cost.up_bytes.empty() ? "-" : to_readable(plan.cost.up_bytes.front()),
               placement(experiment.problem, plan)});
    notes += plan.note.empty() ? "" : fmt::format("{}: {}\n", name, plan.note);
    if (algorithms[i] == experiment.scenario.algorithm) {
      for (const PlanFigure& figure : plan.figures) {
        figures += fmt::format("{}: {} {}\n", name, figure.what, figure.value);
      }
    }
  }
  fmt::print("{}: {} layers; latency of one request in an idle system\n\n{}{}{}{}",
             experiment.graph.name(), experiment.graph.layer_count(), table.text(), notes, figures,
             declined);
  return 0;
}

int validate(const std::vector<std::string>& scenarios, const ScenarioChanges& changes,
             const Registries& registries) {
  const std::vector<Override> overrides = changes.overrides();
  std::vector<Mistake> mistakes;
  for (const std::string& path : scenarios) {
    try {
      const Experiment experiment = read_experiment(path, overrides, registries);
      plan_runs(experiment);
      fmt::print("{}: fine ({} layers on {} tiers)\n", path, experiment.graph.layer_count(),
                 experiment.problem.tier_count());
    } catch (const InputError& error) {
      mistakes.insert(mistakes.end(), error.mistakes().begin(), error.mistakes().end());
    }
  }
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  return 0;
}

}  // namespace offcut::cli
