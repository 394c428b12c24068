#include "analysis/run.h"

#include <fmt/format.h>

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

/// The algorithm's plans for all models, which its answers for each of them make.
std::variant<std::vector<Plan>, Declined> together(const Experiment& experiment,
                                                   std::vector<Outcome> outcomes) {
  std::vector<Plan> plans;
  for (std::size_t model = 0; model < outcomes.size(); ++model) {
    const Experiment& own = experiment.of_model(model);
    if (const auto* declined = std::get_if<Declined>(&outcomes[model])) {
      return Declined{experiment.others.empty()
                          ? declined->reason
                          : fmt::format("{}: {}", own.scenario.model.section, declined->reason)};
    }
    plans.push_back(std::get<Plan>(std::move(outcomes[model])));
  }
  return plans;
}

/// What keeps the scenario's own plans from being run.
void refuse_if(const Experiment& experiment, const PlannedRun& run) {
  const Scenario& scenario = experiment.scenario;
  if (const auto* declined = std::get_if<Declined>(&run.outcome)) {
    throw InputError(scenario.algorithm_place, fmt::format("plan.algorithm: '{}' declines: {}",
                                                           run.algorithm->name, declined->reason));
  }
  const auto& plans = std::get<std::vector<Plan>>(run.outcome);
  for (std::size_t model = 0; model < plans.size(); ++model) {
    if (const auto mistake = no_room(experiment.of_model(model), plans[model])) {
      throw InputError({*mistake});
    }
  }
}

/// What is wrong with a run that is only compared with: it is left out, and says why.
void decline_if(const Experiment& experiment, PlannedRun& run) {
  const auto* plans = std::get_if<std::vector<Plan>>(&run.outcome);
  for (std::size_t model = 0; plans != nullptr && model < plans->size(); ++model) {
    if (const auto mistake = no_room(experiment.of_model(model), (*plans)[model])) {
      run.outcome = Declined{mistake->message};
      return;
    }
  }
}

void check_length(const Scenario& scenario, const PlannedRun& run) {
  const auto* plans = std::get_if<std::vector<Plan>>(&run.outcome);
  if (plans == nullptr) {
    return;
  }
  std::vector<Seconds> latencies;
  for (const Plan& plan : *plans) {
    latencies.push_back(plan.cost.latency());
  }
  const std::string why = too_long(scenario, latencies);
  if (!why.empty()) {
    throw InputError(scenario.stop_place, "stop: under '" + run.algorithm->name + "', " + why);
  }
}

/// The math of each model's plan; null where it is off.
std::vector<std::unique_ptr<Inference>> inferences_of(const Experiment& experiment,
                                                      const std::vector<Plan>& plans) {
  std::vector<std::unique_ptr<Inference>> all;
  for (std::size_t model = 0; model < plans.size(); ++model) {
    all.push_back(inference_of(experiment.of_model(model), plans[model]));
  }
  return all;
}

/// The files that a run's own process writes; empty: none.
struct RunFiles {
  std::string requests, events, decisions;
};

/// The body of a run's own process.
std::string run_plan(const Experiment& experiment, const std::vector<Plan>& plans,
                     const RunFiles& files, const ProgressSink& progress) {
  const Scenario& scenario = experiment.scenario;
  const auto arrivals = make_arrivals(scenario);
  const auto inferences = inferences_of(experiment, plans);
  Simulation simulation = simulation_of(experiment, plans, arrivals);
  std::vector<Inference*> of_class;
  for (std::size_t i = 0; i < scenario.classes.size(); ++i) {
    const std::size_t model = scenario.classes[i].model;
    Inference* inference = inferences[model].get();
    if (inference != nullptr) {
      carry_real_bytes(simulation.classes[i], simulation.stop, *inference);
    }
    of_class.push_back(inference);
  }
  RequestLog log(files.requests, simulation, of_class);
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
  const std::vector<const Algorithm*> algorithms = algorithms_of(experiment.scenario);
  std::vector<std::vector<Outcome>> outcomes;  // by model, by algorithm
  for (std::size_t model = 0; model <= experiment.others.size(); ++model) {
    outcomes.push_back(plan_all(experiment.of_model(model), algorithms));
  }
  std::vector<PlannedRun> runs;
  for (std::size_t i = 0; i < algorithms.size(); ++i) {
    std::vector<Outcome> own;
    for (std::vector<Outcome>& of_model : outcomes) {
      own.push_back(std::move(of_model[i]));
    }
    runs.push_back({algorithms[i], together(experiment, std::move(own))});
    i == 0 ? refuse_if(experiment, runs[i]) : decline_if(experiment, runs[i]);
    check_length(experiment.scenario, runs[i]);
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
    const auto& plans = std::get<std::vector<Plan>>(planned.outcome);
    runs.back().plan = plans.front();
    runs.back().other_plans.assign(plans.begin() + 1, plans.end());
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
