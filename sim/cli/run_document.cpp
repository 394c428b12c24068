#include "sim/cli/run_document.h"

#include "analysis/tables/report_tables.h"
#include "sim/cli/json_document.h"
#include "sim/cli/run_notes.h"
#include "sim/cli/scenario_json.h"

namespace offcut::cli {
namespace {

void add_results(Json& document, const experiment::Experiment& experiment,
                 const std::vector<analysis::RunSummary>& runs) {
  for (const analysis::NamedTable& named : analysis::report_tables(experiment, runs)) {
    document[named.file.substr(0, named.file.find('.'))] = to_json(named.table);
  }
  Json notes = Json::array();
  for (const analysis::RunSummary& run : runs) {
    for (const std::string& note : run_notes(experiment, run)) {
      notes.push_back({{"algorithm", run.algorithm}, {"note", note}});
    }
  }
  document["notes"] = notes;
  document["basis"] = {{"tiers", scenario::tier_bases(experiment.scenario)},
                       {"links", scenario::link_bases(experiment.scenario)}};
}

}  // namespace

void print_run_document(const std::string& scenario, const experiment::Experiment& experiment,
                        const std::vector<analysis::RunSummary>& runs,
                        const std::optional<study::LoadChoice>& choice,
                        const WrittenFiles& written) {
  Json& document = json_content();
  document["scenario"] = scenario_json(scenario, experiment);
  document["models"] = models_json(experiment);
  document["precisions"] = experiment.precisions;
  add_results(document, experiment, runs);
  if (choice) {
    document["under_load"] = load_choice_json(experiment, *choice);
  }
  document["folder"] = written.folder.string();
  document["files"] = written.files;
  const auto path_or_null = [](const std::string& path) {
    return path.empty() ? Json() : Json(path);
  };
  document["decisions"] = path_or_null(written.decisions);
  document["timeline"] = path_or_null(written.timeline);
  print_json();
}

}  // namespace offcut::cli
