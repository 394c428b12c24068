#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <cstdio>
#include <filesystem>
#include <fstream>

#include "analysis/report.h"
#include "models/base/error.h"
#include "sim/cli/commands.h"
#include "sim/cli/interruption.h"
#include "sim/cli/plan_text.h"
#include "sim/cli/progress_bar.h"
#include "sim/cli/run_notes.h"
#include "sim/cli/text_table.h"
#include "sim/cli/written_model.h"
#include "sim/study/comparison.h"

namespace offcut::cli {
namespace {

/// The planned latency; -1 where each of several models has its own.
double idle(const analysis::RunSummary& run) {
  return run.plans.size() > 1 ? -1 : run.plans.front().cost.latency().si();
}

std::vector<std::string> table_row(const analysis::RunSummary& run, bool accuracy) {
  std::vector<std::string> row = {run.algorithm};
  const auto& latency = run.latency;
  for (const double seconds : {idle(run), latency ? latency->mean : -1, latency ? latency->p95 : -1,
                               latency ? latency->p99 : -1}) {
    row.push_back(seconds < 0 ? "-" : to_readable(Seconds(seconds)));
  }
  row.push_back(fmt::format("{:.4g}", run.throughput()));
  for (const engine::TierUsage& tier : run.record.tiers) {
    row.push_back(to_percent(analysis::utilisation(tier, run.record.duration)));
  }
  row.push_back(run.plans.size() > 1 || run.plans.front().cost.up_bytes.empty()
                    ? "-"
                    : to_readable(run.plans.front().cost.up_bytes.front()));
  if (accuracy) {
    row.push_back(run.accuracy() ? fmt::format("{:.2f} %", *run.accuracy() * 100) : "-");
  }
  return row;
}

void print_table(const experiment::Experiment& experiment,
                 const std::vector<analysis::RunSummary>& runs) {
  std::vector<std::string> header = {"plan", ">idle", ">mean", ">p95", ">p99", ">answers/s"};
  for (const scenario::TierChoice& tier : experiment.scenario.tiers) {
    header.push_back(">" + tier.name + " busy");
  }
  header.emplace_back(">upload");
  const bool accuracy = std::any_of(runs.begin(), runs.end(), [](const analysis::RunSummary& run) {
    return run.accuracy().has_value();
  });
  if (accuracy) {
    header.emplace_back(">accuracy");
  }
  TextTable table(header);
  for (const analysis::RunSummary& run : runs) {
    if (run.has_run()) {
      table.add(table_row(run, accuracy));
    }
  }
  fmt::print("{}", table.text());
  for (const analysis::RunSummary& run : runs) {
    if (!run.declined.empty()) {
      fmt::print("{} declines: {}\n", run.algorithm, run.declined);
    } else if (!run.failed.empty()) {
      fmt::print("{} failed: {}\n", run.algorithm, run.failed);
    }
  }
}

/// What else there is to say of each run, and the chosen one's classes.
void print_notes(const std::vector<analysis::RunSummary>& runs) {
  std::string notes;
  for (const analysis::RunSummary& run : runs) {
    for (const std::string& note : run_notes(run)) {
      notes += fmt::format("{}: {}\n", run.algorithm, note);
    }
  }
  if (!notes.empty()) {
    fmt::print("\n{}", notes);
  }
  const std::string classes = class_table(runs.front());
  if (!classes.empty()) {
    fmt::print("\n{}", classes);
  }
}

/// "1.71 times faster than device-only", "14.5 times slower than cloud-only".
std::string gain_text(double chosen, double other, const std::string& algorithm) {
  const bool is_faster = chosen <= other;
  const std::string times = fmt::format("{:.3g}", is_faster ? other / chosen : chosen / other);
  return times == "1" ? fmt::format("as fast as {}", algorithm)
                      : fmt::format("{} times {} than {}", times, is_faster ? "faster" : "slower",
                                    algorithm);
}

/// Compares the mean latency of the chosen run with that of each other run.
void print_gain(const std::vector<analysis::RunSummary>& runs) {
  const analysis::RunSummary& chosen = runs.front();
  std::vector<std::string> gains;
  for (std::size_t i = 1; i < runs.size(); ++i) {
    if (runs[i].latency && chosen.latency && chosen.latency->mean > 0 &&
        runs[i].latency->mean > 0) {
      gains.push_back(gain_text(chosen.latency->mean, runs[i].latency->mean, runs[i].algorithm));
    }
  }
  if (!gains.empty()) {
    fmt::print("\n{}: {} (mean latency)\n", chosen.algorithm, fmt::join(gains, ", "));
  }
}

void print_heading(const experiment::Experiment& experiment, const analysis::RunSummary& chosen) {
  fmt::print("{}\n", experiment.scenario.title);
  const bool several = experiment.models.size() > 1;
  for (const experiment::PreparedModel& model : experiment.models) {
    const Graph& graph = model.graph;
    const LayerWork work = graph.total_work();
    const bool is_first = &model == &experiment.models.front();
    fmt::print("{}{}: {} layers, {:.4g} M MACs, {} of weights{}\n",
               several ? model.name + ", " : "", graph.name(), graph.layer_count(), work.macs / 1e6,
               to_readable(Bytes(work.parameter_bytes)),
               is_first ? fmt::format("; {} requests", chosen.record.arrived) : "");
  }
  for (std::size_t i = 0; i < chosen.plans.size(); ++i) {
    const experiment::PreparedModel& model = experiment.models[i];
    const partition::Plan& plan = chosen.plans[i];
    fmt::print("{}{}: {}{}\n", plan.algorithm, several ? ", " + model.name : "",
               placement(model.problem, plan), plan.note.empty() ? "" : " (" + plan.note + ")");
  }
  fmt::print("\n");
}

}  // namespace

std::vector<scenario::Override> ScenarioChanges::overrides() const {
  std::vector<scenario::Override> overrides;
  std::vector<Diagnostic> diagnostics;
  for (const std::string& text : set) {
    try {
      overrides.push_back(scenario::parse_override(text));
    } catch (const InputError& error) {
      diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
    }
  }
  try {
    for (const auto& [name, extent] : parse_bindings(bind)) {
      overrides.push_back(scenario::bind_override(name, extent));
    }
  } catch (const InputError& error) {
    diagnostics.insert(diagnostics.end(), error.diagnostics().begin(), error.diagnostics().end());
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return overrides;
}

namespace {

/// Runs with a progress bar.
std::vector<analysis::RunSummary> run_shown(const experiment::Experiment& experiment,
                                            const OutputDirectory& out,
                                            const Interruption& interruption,
                                            const std::string& decisions) {
  ProgressBar bar(experiment.scenario.name);
  return study::run_experiment(
      experiment, out,
      [&](double done) {
        interruption.check();
        bar.show(done);
      },
      decisions);
}

}  // namespace

int run(const RunOptions& options, const scenario::Registries& registries) {
  const experiment::Experiment experiment =
      experiment::read_experiment(options.scenario, options.changes.overrides(), registries);
  const Interruption interruption;
  OutputDirectory out = analysis::results_directory(
      options.out.empty() ? std::filesystem::path("results") / experiment.scenario.name
                          : std::filesystem::path(options.out));
  if (out.owns(options.decisions)) {
    throw InputError({options.decisions}, "is a file of the run's results");
  }
  std::vector<analysis::RunSummary> runs;
  if (options.decisions.empty()) {
    runs = run_shown(experiment, out, interruption, "");
  } else {
    write_beside(options.decisions, [&](const std::string& path) {
      // Found out before the work; but a pipe's reader would take it for all there is.
      if (path != options.decisions && !std::ofstream(path)) {
        throw InputError({path}, "cannot be written");
      }
      runs = run_shown(experiment, out, interruption, path);
    });
  }
  const std::vector<std::string> files = out.commit();
  print_heading(experiment, runs.front());
  print_table(experiment, runs);
  print_notes(runs);
  print_gain(runs);
  fmt::print("results: {}\n", (out.path() / fmt::format("{}", fmt::join(files, ", "))).string());
  if (!options.decisions.empty()) {
    fmt::print("decisions: {}\n", options.decisions);
  }
  return 0;
}

}  // namespace offcut::cli
