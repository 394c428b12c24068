// `offcut page`: makes the page of results that are there already. The page of a run needs its
// networks, which the resolved scenario names; that of a sweep, the head of its journal.

#include <fmt/format.h>

#include <algorithm>

#include "analysis/page/page_file.h"
#include "analysis/page/page_table.h"
#include "analysis/page/sweep_page.h"
#include "analysis/report.h"
#include "models/base/error.h"
#include "models/base/missing_file.h"
#include "models/base/readable.h"
#include "models/base/text_file.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/page_command.h"
#include "sim/cli/run_notes.h"
#include "sim/study/sweep/sweep_run.h"
#include "sim/study/sweep/sweep_tables.h"

namespace offcut::cli {
namespace {

namespace fs = std::filesystem;

/// Returns the name of a folder: "evaluation" of results/evaluation/.
std::string name_of(const fs::path& folder) {
  const fs::path full = fs::absolute(folder).lexically_normal();
  return (full.has_filename() ? full : full.parent_path()).filename().string();
}

/// Throws InputError if the page would replace a file of the results other than an earlier page.
void keep_results(const PageArguments& arguments, const std::vector<std::string>& names) {
  std::vector<std::string> inputs;
  for (const std::string& name : names) {
    if (name != analysis::kReportPage) {
      inputs.push_back((fs::path(arguments.results) / name).string());
    }
  }
  refuse_overwriting("--out", {arguments.out}, inputs);
}

}  // namespace

std::vector<analysis::PlanNote> page_notes(const experiment::Experiment& experiment,
                                           const std::vector<analysis::RunSummary>& runs) {
  std::vector<analysis::PlanNote> notes;
  for (const analysis::RunSummary& run : runs) {
    for (std::string& note : run_notes(experiment, run)) {
      notes.push_back({run.algorithm, std::move(note)});
    }
    if (!run.declined.empty()) {
      notes.push_back({run.algorithm, "declines: " + run.declined});
    } else if (!run.failed.empty()) {
      notes.push_back({run.algorithm, "failed: " + run.failed});
    }
  }
  return notes;
}

void write_page_of_sweep(const fs::path& folder, const study::JournalHead& head,
                         const std::string& name, const std::string& scenario,
                         const std::string& path) {
  std::vector<std::pair<std::string, std::string>> facts = {
      {"Points", fmt::format("{}", head.points)},
      {"Variants", fmt::format("{}", head.variants.size())},
      {"Replications", head.most_replications > head.replications
                           ? fmt::format("{} to {}", head.replications, head.most_replications)
                           : fmt::format("{}", head.replications)},
      {"Made by", "offcut " + head.program}};
  if (!scenario.empty()) {
    facts.insert(facts.begin(), {"Scenario", scenario});
  }
  analysis::write_sweep_page(
      folder,
      {.title = head.name.empty() ? name : head.name,
       .facts = std::move(facts),
       .parameters = study::parameter_names(head),
       .figures = head.chosen,
       .confidence = head.confidence,
       .scenario = scenario.empty() ? "" : read_text_file(scenario, "a scenario (YAML)")},
      path);
}

int page(const PageArguments& arguments, const scenario::Registries& registries) {
  analysis::require_page("offcut page");
  const fs::path folder = arguments.results;
  const fs::path resolved = folder / analysis::kResolvedFile;
  const fs::path journal = folder / study::kJournalFile;
  if (!fs::exists(folder)) {
    throw InputError({arguments.results}, missing_file(arguments.results));
  }
  const fs::path points = folder / "points.csv";
  if (!fs::exists(resolved) && !fs::exists(points) && !fs::exists(journal)) {
    throw InputError({arguments.results},
                     fmt::format("expected a folder with results of 'run' or 'sweep': it has "
                                 "neither {} nor points.csv",
                                 analysis::kResolvedFile));
  }
  const std::string path =
      arguments.out.empty() ? (folder / analysis::kReportPage).string() : arguments.out;
  if (fs::exists(resolved)) {
    keep_results(arguments, analysis::result_files());
    analysis::require_rows((folder / "summary.csv").string(), "algorithm", "one for each plan");
    const experiment::Experiment experiment =
        experiment::read_experiment(resolved.string(), {}, registries);
    write_beside(path, [&](const std::string& file) {
      analysis::write_run_page(folder, experiment, {}, file);
    });
  } else {
    std::vector<std::string> names = study::sweep_files();
    names.emplace_back(study::kJournalFile);
    keep_results(arguments, names);
    analysis::require_rows(points.string(), "variant", "one for each point");
    const study::JournalReader reader(journal);
    write_beside(path, [&](const std::string& file) {
      write_page_of_sweep(folder, reader.head(), name_of(folder), "", file);
    });
  }
  say("page: {}\n", path);
  return 0;
}

}  // namespace offcut::cli
