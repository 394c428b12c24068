#include "sim/study/comparison.h"

#include <algorithm>
#include <thread>

#include "analysis/report.h"
#include "analysis/request_log.h"
#include "analysis/tables/decision_log.h"
#include "analysis/tables/event_log.h"
#include "sim/experiment/compile.h"
#include "sim/experiment/plan_runs.h"
#include "sim/study/isolate.h"

namespace offcut {
namespace {

/// The files that a run's own process writes; empty: none.
struct RunFiles {
  std::string requests, events, decisions;
};

/// The body of a run's own process.
std::string run_plan(const Experiment& experiment, const std::vector<Plan>& plans,
                     const RunFiles& files, const ProgressSink& progress) {
  const CompiledRun run = compile(experiment, plans);
  const Simulation& simulation = run.simulation;
  RequestLog log(files.requests, simulation, run.inference_of_class);
  EventLog events(files.events, simulation);
  Observers observers{.request = [&](const RequestRecord& request) { log.add(request); },
                      .progress = progress,
                      .event = [&](const RunEvent& event) { events.add(event); }};
  std::optional<DecisionLog> decisions;
  if (!files.decisions.empty()) {
    decisions.emplace(files.decisions, simulation);
    observers.decision = [&](const Decision& decision) { decisions->add(decision); };
  }
  RunSummary summary;
  summary.record = simulate(simulation, observers);
  log.finish(summary);
  events.close();
  if (decisions) {
    decisions->close();
  }
  return to_json(summary);
}

}  // namespace

std::vector<RunSummary> run_experiment(const Experiment& experiment, const OutputDirectory& out,
                                       const ProgressSink& progress, const std::string& decisions) {
  std::vector<RunSummary> runs;
  std::vector<IsolatedJob> jobs;
  std::vector<std::size_t> run_of_job;
  for (PlannedRun& planned : plan_runs(experiment)) {
    const bool is_chosen = runs.empty();
    runs.push_back({.algorithm = planned.algorithm});
    if (const auto* declined = std::get_if<Declined>(&planned.outcome)) {
      runs.back().declined = declined->reason;
      continue;
    }
    const auto& plans = std::get<std::vector<Plan>>(planned.outcome);
    runs.back().plans = plans;
    RunFiles files;
    if (is_chosen) {
      files = {experiment.scenario.write_requests ? out.file("requests.csv") : "",
               out.file("events.csv"), decisions};
    }
    run_of_job.push_back(runs.size() - 1);
    jobs.emplace_back([&experiment, plans, files](const ProgressSink& sink) {
      return run_plan(experiment, plans, files, sink);
    });
  }
  const std::vector<std::string> results =
      run_isolated(jobs, std::max(1U, std::thread::hardware_concurrency()), progress);
  for (std::size_t i = 0; i < results.size(); ++i) {
    from_json(results[i], runs[run_of_job[i]]);
  }
  write_report(experiment, runs, out);
  return runs;
}

}  // namespace offcut
