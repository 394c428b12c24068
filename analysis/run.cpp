#include "analysis/run.h"

#include <algorithm>
#include <thread>

#include "analysis/decision_log.h"
#include "analysis/event_log.h"
#include "analysis/report.h"
#include "analysis/request_log.h"
#include "models/base/error.h"
#include "sim/engine/isolate.h"

namespace offcut {
namespace {

/// The chosen algorithm, then the ones to compare with, each once.
std::vector<const Algorithm*> algorithms_of(const Scenario& scenario) {
  std::vector<const Algorithm*> all = {scenario.algorithm};
  for (const Algorithm* algorithm : scenario.compare) {
    if (std::find(all.begin(), all.end(), algorithm) == all.end()) {
      all.push_back(algorithm);
    }
  }
  return all;
}

/// The files that a run's own process writes; empty: none.
struct RunFiles {
  std::string requests, events, decisions;
};

/// The body of a run's own process.
std::string run_plan(const Experiment& experiment, const Plan& plan, const RunFiles& files,
                     const ProgressSink& progress) {
  const Scenario& scenario = experiment.scenario;
  const auto arrivals = scenario.arrivals->make(scenario.arrival_parameters);
  const auto inference = inference_of(experiment, plan);
  Simulation simulation = simulation_of(experiment, plan, *arrivals);
  if (inference != nullptr) {
    carry_real_bytes(simulation, *inference);
  }
  RequestLog log(files.requests, simulation, {inference.get()});
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

std::vector<Outcome> plan_all(const Experiment& experiment,
                              const std::vector<const Algorithm*>& algorithms) {
  Problem problem = experiment.problem;
  problem.graph = &experiment.graph;
  std::vector<Outcome> outcomes;
  for (const Algorithm* algorithm : algorithms) {
    const bool chosen = algorithm == experiment.scenario.algorithm;
    outcomes.push_back(
        solve(*algorithm, problem,
              chosen ? experiment.scenario.algorithm_parameters : defaults(algorithm->parameters)));
  }
  return outcomes;
}

std::vector<PlannedRun> plan_runs(const Experiment& experiment) {
  const Scenario& scenario = experiment.scenario;
  const std::vector<const Algorithm*> algorithms = algorithms_of(scenario);
  std::vector<Outcome> outcomes = plan_all(experiment, algorithms);
  std::vector<PlannedRun> runs;
  for (std::size_t i = 0; i < outcomes.size(); ++i) {
    const std::string& name = algorithms[i]->name;
    if (const auto* declined = std::get_if<Declined>(&outcomes[i]); declined && i == 0) {
      throw InputError(scenario.algorithm_place,
                       "plan.algorithm: '" + name + "' declines: " + declined->reason);
    }
    if (const auto* plan = std::get_if<Plan>(&outcomes[i])) {
      const std::string why = too_long(scenario, plan->cost.latency());
      if (!why.empty()) {
        throw InputError(scenario.stop_place, "stop: under '" + name + "', " + why);
      }
    }
    runs.push_back({algorithms[i], std::move(outcomes[i])});
  }
  return runs;
}

std::vector<RunSummary> run_experiment(const Experiment& experiment, const OutputDirectory& out,
                                       const ProgressSink& progress, const std::string& decisions) {
  std::vector<RunSummary> runs;
  std::vector<IsolatedJob> jobs;
  std::vector<std::size_t> run_of_job;
  for (PlannedRun& planned : plan_runs(experiment)) {
    const bool is_chosen = runs.empty();
    runs.push_back({.algorithm = planned.algorithm->name});
    if (const auto* declined = std::get_if<Declined>(&planned.outcome)) {
      runs.back().declined = declined->reason;
      continue;
    }
    const Plan& plan = runs.back().plan = std::get<Plan>(std::move(planned.outcome));
    RunFiles files;
    if (is_chosen) {
      files = {experiment.scenario.write_requests ? out.file("requests.csv") : "",
               out.file("events.csv"), decisions};
    }
    run_of_job.push_back(runs.size() - 1);
    jobs.emplace_back([&experiment, plan, files](const ProgressSink& sink) {
      return run_plan(experiment, plan, files, sink);
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
