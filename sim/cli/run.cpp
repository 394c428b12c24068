// `offcut run`: plans and simulates a scenario, and prints what its result files hold in short.
// The runs themselves, each in a process of its own, are those of sim/study.

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <filesystem>
#include <functional>
#include <optional>

#include "analysis/page/page_file.h"
#include "analysis/report.h"
#include "analysis/statistics/bottleneck.h"
#include "models/base/error.h"
#include "models/base/readable.h"
#include "sim/cli/commands.h"
#include "sim/cli/console.h"
#include "sim/cli/engine_options.h"
#include "sim/cli/interruption.h"
#include "sim/cli/json_document.h"
#include "sim/cli/load_choice_text.h"
#include "sim/cli/output_file.h"
#include "sim/cli/overwriting.h"
#include "sim/cli/page_command.h"
#include "sim/cli/plan_text.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/run_document.h"
#include "sim/cli/run_notes.h"
#include "sim/cli/terminal.h"
#include "sim/cli/text_table.h"
#include "sim/cli/training_text.h"
#include "sim/study/comparison.h"
#include "sim/study/sweep/sweep_run.h"

namespace offcut::cli {
namespace {

/// The columns that a table has only if a run has something to show there.
struct OptionalColumns {
  bool accuracy = false;
  bool in_flight = false;
  bool adaptation = false;
};

std::vector<std::string> table_row(const analysis::RunSummary& run,
                                   const OptionalColumns& columns) {
  std::vector<std::string> row = {run.algorithm};
  const auto& latency = run.latency;
  const bool has_several = run.plans.size() > 1;  // Each has its own latency and upload.
  const partition::Plan& plan = run.plans.front();
  row.push_back(has_several ? "" : to_readable(plan.latency()));
  const std::string mark = mark_of_part(run.record.completed, run.record.arrived);
  for (const double analysis::LatencySummary::*part :
       {&analysis::LatencySummary::mean, &analysis::LatencySummary::p95,
        &analysis::LatencySummary::p99}) {
    row.push_back(latency ? to_readable(Seconds((*latency).*part)) + mark : "-");
    if (part == &analysis::LatencySummary::mean) {
      const auto& mean = run.steady.mean;
      row.push_back(mean ? to_readable(Seconds(mean->half_width())) : "");
    }
  }
  row.push_back(run.record.duration > Seconds(0) ? significant(run.throughput(), 4) : "-");
  for (const engine::TierUsage& tier : run.record.tiers) {
    row.push_back(to_percent(analysis::utilisation(tier, run.record.duration)));
  }
  const std::vector<Bytes> of_hops = plan.request_cost().value_or(plan.cost).up_bytes;
  Bytes upload;  // Over the hops from the device; with groups of devices, there is one.
  for (std::size_t hop = 0; hop < of_hops.size(); ++hop) {
    const bool leaves_device =
        hop == 0 || (run.record.groups.empty() && run.record.hops[hop].leaves_device);
    upload += leaves_device ? of_hops[hop] : Bytes(0);
  }
  row.push_back(has_several ? "" : of_hops.empty() ? "-" : to_readable(upload));
  const auto simulated = run.measured(plan.measure);
  const bool has_measure = !has_several && !measure_text(plan).empty();
  row.push_back(has_measure ? measure_text(plan) : "");
  row.push_back(!has_measure ? "" : simulated ? to_readable(*simulated) : "-");
  if (columns.in_flight) {
    row.push_back(fmt::format("{}", run.record.in_flight));
    row.push_back(run.record.in_flight > 0 ? to_readable(run.record.oldest_in_flight) : "-");
  }
  if (columns.adaptation) {
    const auto& figures = run.adaptation;
    row.push_back(figures ? fmt::format("{}", figures->switches) : "-");
    const auto regret = figures ? figures->mean_regret() : std::nullopt;
    row.push_back(regret ? to_readable(*regret) : "-");
  }
  if (columns.accuracy) {
    row.push_back(run.accuracy() ? fmt::format("{:.2f} %", *run.accuracy() * 100) : "-");
  }
  return row;
}

TextTable run_table(const experiment::Experiment& experiment,
                    const std::vector<analysis::RunSummary>& runs) {
  std::vector<std::string> header = {"plan", ">idle", ">mean", ">+-", ">p95", ">p99", ">answers/s"};
  std::vector<std::string> least_important = {"idle", "p95", "+-", "upload"};
  for (const scenario::TierChoice& tier : experiment.scenario.tiers) {
    header.push_back(">" + tier.name + " busy");
    least_important.insert(least_important.begin() + 2,
                           tier.name + " busy");  // The last tier first.
  }
  header.insert(header.end(), {">upload", ">planned", ">simulated"});
  OptionalColumns columns;
  for (const analysis::RunSummary& run : runs) {
    columns.accuracy |= run.accuracy().has_value();
    columns.in_flight |= run.record.in_flight > 0;
    columns.adaptation |= run.adaptation.has_value();
  }
  if (columns.in_flight) {
    header.emplace_back(">in flight");
    header.emplace_back(">oldest");
  }
  if (columns.adaptation) {
    header.emplace_back(">switches");
    header.emplace_back(">regret");
  }
  if (columns.accuracy) {
    header.emplace_back(">accuracy");
    least_important.insert(least_important.end(), {"answers/s", "p99"});
  }
  TextTable table(header);
  table.set_least_important(std::move(least_important));
  for (const analysis::RunSummary& run : runs) {
    if (run.has_run()) {
      table.add(table_row(run, columns));
    }
  }
  table.drop_empty_columns();
  return table;
}

void print_table(const experiment::Experiment& experiment,
                 const std::vector<analysis::RunSummary>& runs) {
  say("{}", run_table(experiment, runs).text());
  for (const analysis::RunSummary& run : runs) {
    if (run.latency && run.record.completed < run.record.arrived) {
      say("{}", fitted(fmt::format("* {}: of the {} of {} that were answered\n", run.algorithm,
                                   run.record.completed, counted(run.record.arrived, "request"))));
    }
  }
  for (const analysis::RunSummary& run : runs) {
    if (!run.declined.empty()) {
      say("{}", fitted(fmt::format("{} declines: {}\n", run.algorithm, run.declined)));
    } else if (!run.failed.empty()) {
      say("{}", fitted(fmt::format("{} failed: {}\n", run.algorithm, run.failed)));
    }
  }
}

/// Prints what else there is to say of each run, and the chosen one's classes.
void print_notes(const experiment::Experiment& experiment,
                 const std::vector<analysis::RunSummary>& runs) {
  std::string notes;
  for (const analysis::RunSummary& run : runs) {
    for (const std::string& note : run_notes(experiment, run)) {
      notes += fmt::format("{}: {}\n", run.algorithm, note);
    }
  }
  const std::string links = scenario::link_bases(experiment.scenario);
  if (!experiment.precisions.empty()) {
    notes += fmt::format("precisions: {}\n", experiment.precisions);
  }
  notes += fmt::format("basis of predictions: {}{}{}\n", scenario::tier_bases(experiment.scenario),
                       links.empty() ? "" : "; ", links);
  say("\n{}", fitted(notes));
  if (!experiment.scenario.has_requests) {
    return;
  }
  for (const std::string& table : {class_table(runs.front()), group_table(runs.front())}) {
    if (!table.empty()) {
      say("\n{}", table);
    }
  }
}

/// Returns "1.71 times faster than device-only", or "14.5 times slower than cloud-only".
std::string gain_text(double chosen, double other, const std::string& algorithm) {
  const bool is_faster = chosen <= other;
  const std::string times = significant(is_faster ? other / chosen : chosen / other, 3);
  return times == "1" ? fmt::format("as fast as {}", algorithm)
                      : fmt::format("{} times {} than {}", times, is_faster ? "faster" : "slower",
                                    algorithm);
}

/// Returns whether the run's mean latency stands for the plan. In a run that is not stable it
/// depends on the length of the run, and so it does where many requests are still in flight. Where
/// many were dropped, it is that of the few which were not.
bool has_lasting_mean(const analysis::RunSummary& run) {
  constexpr double kMostUnanswered = 0.05;
  return run.latency && run.latency->mean > 0 &&
         analysis::verdict(run.record) == engine::Verdict::stable &&
         static_cast<double>(run.record.in_flight + run.record.dropped) <=
             kMostUnanswered * static_cast<double>(run.record.arrived);
}

/// Compares the mean latency of the chosen run with that of each other run, if both stand for their
/// plans.
void print_gain(const std::vector<analysis::RunSummary>& runs) {
  const analysis::RunSummary& chosen = runs.front();
  std::vector<std::string> gains;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    if (has_lasting_mean(chosen) && has_lasting_mean(runs[i])) {
      gains.push_back(gain_text(chosen.latency->mean, runs[i].latency->mean, runs[i].algorithm));
    }
  }
  if (!gains.empty()) {
    say("\n{}",
        fitted(fmt::format("{}: {} (mean latency)\n", chosen.algorithm, fmt::join(gains, ", "))));
  }
}

std::string heading(const experiment::Experiment& experiment, const analysis::RunSummary& chosen) {
  std::string text = fmt::format("{}\n", experiment.scenario.title);
  const bool has_several = experiment.models.size() > 1;
  for (const experiment::PreparedModel& model : experiment.models) {
    const Graph& graph = model.graph;
    const LayerWork work = graph.total_work();
    text += fmt::format("{}{}: {}, {} M MACs, {} of weights",
                        has_several ? experiment.name_of(model) + ", " : "", graph.name(),
                        counted(graph.layer_count(), "layer"), significant(work.macs / 1e6, 4),
                        to_readable(Bytes(work.parameter_bytes)));
    text += has_several ? "\n" : "; ";
  }
  text += counted(chosen.record.arrived, "request") + "\n";
  for (std::size_t i = 0; i < chosen.plans.size(); ++i) {
    const experiment::PreparedModel& model = experiment.models[i];
    const partition::Plan& plan = chosen.plans[i];
    text += fmt::format(
        "{}{}: {}{}\n", plan.algorithm, has_several ? ", " + experiment.name_of(model) : "",
        placement(model.problem, plan), plan.note.empty() ? "" : " (" + plan.note + ")");
  }
  return text;
}

/// Prints what a run with requests has to say: plans, latencies, notes.
void print_requests(const experiment::Experiment& experiment,
                    const std::vector<analysis::RunSummary>& runs, const std::string& choice) {
  say("{}\n", fitted(heading(experiment, runs.front())));
  if (!choice.empty()) {
    say("{}\n", choice);
  }
  print_table(experiment, runs);
  print_notes(experiment, runs);
  print_gain(runs);
}

/// Prints what the chosen run trained.
void print_training(const experiment::Experiment& experiment, const analysis::RunSummary& run) {
  const bool is_all = !experiment.scenario.has_requests;
  say("{}{}", is_all ? experiment.scenario.title + "\n" : "\n",
      fitted(training_heading(experiment)));
  say("{}", training_text(experiment, run));
  if (is_all) {
    print_notes(experiment, {run});
  }
}

/// Runs with a progress bar.
std::vector<analysis::RunSummary> run_shown(const experiment::Experiment& experiment,
                                            const OutputDirectory& out,
                                            const Interruption& interruption,
                                            const study::FurtherFiles& further) {
  ProgressBar bar(experiment.scenario.name);
  return study::run_experiment(
      experiment, out,
      [&](double done) {
        interruption.check();
        bar.show(done);
      },
      further);
}

/// Calls `write` with a path beside each file that the options name: see write_beside().
void write_further(const RunOptions& options,
                   const std::function<void(const study::FurtherFiles&)>& write) {
  const auto beside = [](const std::string& path,
                         const std::function<void(const std::string&)>& use) {
    path.empty() ? use(path) : write_beside(path, use);
  };
  beside(options.decisions, [&](const std::string& decisions) {
    beside(options.timeline,
           [&](const std::string& timeline) { write({decisions, timeline}); });
  });
}

/// Chooses plans and policies under load and puts them in place of the scenario's.
study::LoadChoice apply_choice(experiment::Experiment& experiment,
                               const scenario::Registries& registries, Seconds budget,
                               const std::filesystem::path& folder,
                               const Interruption& interruption) {
  const study::LoadChoice choice = choose_shown(experiment, registries, budget, interruption);
  study::apply(choice, std::filesystem::absolute(folder / "plan.csv").lexically_normal().string(),
               experiment);
  return choice;
}

/// The text of a run, but for the names of its files.
void print_results(const experiment::Experiment& experiment,
                   const std::vector<analysis::RunSummary>& runs,
                   const std::optional<study::LoadChoice>& choice) {
  if (experiment.scenario.has_requests) {
    print_requests(experiment, runs, choice ? load_choice_text(experiment, *choice, true) : "");
  }
  if (runs.front().training) {
    print_training(experiment, runs.front());
  }
}

void print_files(const WrittenFiles& written, const analysis::RunSummary& chosen) {
  say("{}", fitted(fmt::format(
                "results: {}\n",
                (written.folder / fmt::format("{}", fmt::join(written.files, ", "))).string())));
  if (!written.decisions.empty()) {
    say("decisions: {}\n", written.decisions);
  }
  if (!written.timeline.empty()) {
    say("{}", fitted(fmt::format("timeline: {}, {}; https://ui.perfetto.dev shows it\n",
                                 written.timeline, chosen.timeline)));
  }
}

/// Throws InputError if a file of the results would replace an input. A resolved.yaml that runs
/// unchanged may stand in the folder of its results: it is replaced by the same text.
void keep_inputs(const RunOptions& options, const std::filesystem::path& folder,
                 const std::vector<scenario::Override>& overrides) {
  const std::vector<std::string> inputs = scenario_inputs(options.scenario, overrides);
  refuse_overwriting("--decisions", {options.decisions}, inputs);
  refuse_overwriting("--timeline", {options.timeline}, inputs);
  std::vector<std::string> names = analysis::result_files();
  if (overrides.empty()) {
    std::erase(names, std::string(analysis::kResolvedFile));
  }
  refuse_overwriting_in(options.out.empty() ? "without --out, the run" : "--out", folder, names,
                        inputs);
}

}  // namespace

int run(const RunOptions& options, const scenario::Registries& registries) {
  if (options.html) {
    analysis::require_page("--html");
  }
  const std::vector<scenario::Override> overrides = options.changes.overrides();
  const Seconds budget = budget_of(options.budget);
  experiment::Experiment experiment =
      experiment::read_experiment(options.scenario, overrides, registries);
  const std::filesystem::path folder =
      options.out.empty() ? std::filesystem::path("results") / experiment.scenario.name
                          : std::filesystem::path(options.out);
  keep_inputs(options, folder, overrides);
  refuse_results(folder, study::kJournalFile, "of a sweep");
  const Interruption interruption;
  set_kept_unchanged(folder.string());
  OutputDirectory out = analysis::results_directory(folder);
  for (const std::string& file : {options.decisions, options.timeline}) {
    if (out.owns(file)) {
      throw InputError({file}, "is a file of the run's results");
    }
  }
  if (!options.timeline.empty() && options.timeline == options.decisions) {
    throw InputError({options.timeline}, "is stated for two outputs");
  }
  std::optional<study::LoadChoice> choice;  // Under load.
  if (experiment.scenario.under_load) {
    choice = apply_choice(experiment, registries, budget, out.path(), interruption);
  }
  std::vector<analysis::RunSummary> runs;
  write_into(out, [&] {
    write_further(options, [&](const study::FurtherFiles& further) {
      runs = run_shown(experiment, out, interruption, further);
    });
    if (options.html) {
      const std::string page = out.file(analysis::kReportPage);
      analysis::write_run_page(std::filesystem::path(page).parent_path(), experiment,
                               page_notes(experiment, runs), page);
    }
  });
  WrittenFiles written{.folder = folder, .files = out.commit(), .decisions = options.decisions};
  set_kept(fmt::format("the results in {} are complete", folder.string()));
  if (!runs.front().timeline.empty()) {
    written.timeline =
        options.timeline.empty() ? (folder / analysis::kTimeline).string() : options.timeline;
  }
  if (is_json()) {
    print_run_document(options.scenario, experiment, runs, choice, written);
  } else {
    print_results(experiment, runs, choice);
    print_files(written, runs.front());
  }
  return 0;
}

}  // namespace offcut::cli
