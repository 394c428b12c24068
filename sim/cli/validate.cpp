#include <fmt/format.h>
#include <fmt/ranges.h>

#include "models/base/output_error.h"
#include "models/base/readable.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/json_document.h"
#include "sim/cli/scenario_json.h"
#include "sim/cli/terminal.h"
#include "sim/experiment/plan_runs.h"
#include "sim/experiment/training_job.h"

namespace offcut::cli {
namespace {

/// Returns "22 layers", or, of several models, "detector: 32, recogniser: 605 layers", or, of more
/// than a line holds, "2000 models with 26000 layers".
std::string layers_text(const experiment::Experiment& experiment) {
  constexpr std::size_t kMostNamed = 8;
  if (experiment.training &&
      !experiment.scenario.has_requests) {  // Its models are for no requests.
    return counted(experiment.training->network().layer_count(), "layer");
  }
  if (experiment.models.size() > kMostNamed) {
    std::size_t layers = 0;
    for (const experiment::PreparedModel& model : experiment.models) {
      layers += model.graph.layer_count();
    }
    return fmt::format("{} models with {}", experiment.models.size(), counted(layers, "layer"));
  }
  if (experiment.models.size() == 1) {
    return counted(experiment.models.front().graph.layer_count(), "layer");
  }
  std::vector<std::string> counts;
  for (const experiment::PreparedModel& model : experiment.models) {
    counts.push_back(fmt::format("{}: {}", experiment.name_of(model), model.graph.layer_count()));
  }
  return fmt::format("{} layers", fmt::join(counts, ", "));
}

Json valid_scenario(const std::string& path, const experiment::Experiment& experiment) {
  Json notes = Json::array();
  if (experiment.training) {
    notes = experiment.training->notes();
  }
  return {{"file", path},
          {"valid", true},
          {"models", models_json(experiment)},
          {"tiers", engine::levels(experiment.scenario.tiers.size(), experiment.scenario.groups)},
          {"notes", notes}};
}

}  // namespace

int validate(const std::vector<std::string>& scenarios, const ScenarioChanges& changes,
             const scenario::Registries& registries) {
  const std::vector<scenario::Override> overrides = changes.overrides();
  std::vector<Diagnostic> diagnostics;
  for (const std::string& path : scenarios) {
    try {
      const experiment::Experiment experiment =
          experiment::read_experiment(path, overrides, registries);
      experiment::plan_runs(experiment);
      if (experiment.training) {
        experiment.training->start(1);
      }
      if (is_json()) {
        json_content()["scenarios"].push_back(valid_scenario(path, experiment));
        continue;
      }
      say("{}: valid ({} on {})\n", path, layers_text(experiment),
          counted(engine::levels(experiment.scenario.tiers.size(), experiment.scenario.groups),
                  "tier"));
      if (experiment.training) {
        for (const std::string& note : experiment.training->notes()) {
          say("{}", fitted(fmt::format("note: {}\n", note)));
        }
      }
    } catch (const OutputError&) {
      throw;
    } catch (const InputError& error) {
      diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
      if (is_json()) {
        json_content()["scenarios"].push_back(
            {{"file", path}, {"valid", false}, {"errors", to_json(error.diagnostics())}});
      }
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  if (is_json()) {
    print_json();
  }
  return 0;
}

}  // namespace offcut::cli
