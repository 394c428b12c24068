#include "analysis/run.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>
#include <thread>

#include "analysis/decision_log.h"
#include "analysis/event_log.h"
#include "analysis/report.h"
#include "analysis/request_log.h"
#include "models/base/error.h"
#include "sim/study/isolate.h"

namespace offcut {
namespace {

/// As results name the run of the scenario's own plans: the algorithms' names, each once.
std::string own_name(const Experiment& experiment) {
  std::vector<std::string> names;
  for (std::size_t model = 0; model <= experiment.others.size(); ++model) {
    const std::string& name = experiment.of_model(model).scenario.model.plan.algorithm->name;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  return fmt::format("{}", fmt::join(names, "+"));
}

std::string declined_text(const Experiment& own, bool one_of_several, const Declined& declined) {
  return one_of_several ? fmt::format("{}: {}", own.scenario.model.section, declined.reason)
                        : declined.reason;
}

/// Each model's plan by its own algorithm. Throws InputError where one declines, or has no room.
std::vector<Plan> own_plans(const Experiment& experiment) {
  std::vector<Plan> plans;
  std::vector<Mistake> mistakes;
  for (std::size_t model = 0; model <= experiment.others.size(); ++model) {
    const Experiment& own = experiment.of_model(model);
    const PlanChoice& choice = own.scenario.model.plan;
    const Outcome outcome = plan_all(own, {choice.algorithm}).front();
    if (const auto* declined = std::get_if<Declined>(&outcome)) {
      const bool is_shared = choice.section == "plan" && !experiment.others.empty();
      mistakes.push_back(
          {choice.algorithm_place,
           fmt::format("{}.algorithm: '{}' declines: {}", choice.section, choice.algorithm->name,
                       declined_text(own, is_shared, *declined))});
    } else if (const auto mistake = no_room(own, std::get<Plan>(outcome))) {
      mistakes.push_back(*mistake);
    } else {
      plans.push_back(std::get<Plan>(outcome));
    }
  }
  if (!mistakes.empty()) {
    throw InputError(std::move(mistakes));
  }
  return plans;
}

/// All models' plans by one algorithm, or why there is none for one of them.
std::variant<std::vector<Plan>, Declined> compared_plans(const Experiment& experiment,
                                                         const Algorithm* algorithm) {
  std::vector<Plan> plans;
  for (std::size_t model = 0; model <= experiment.others.size(); ++model) {
    const Experiment& own = experiment.of_model(model);
    Outcome outcome = plan_all(own, {algorithm}).front();
    if (const auto* declined = std::get_if<Declined>(&outcome)) {
      return Declined{declined_text(own, !experiment.others.empty(), *declined)};
    }
    plans.push_back(std::get<Plan>(std::move(outcome)));
    if (const auto mistake = no_room(own, plans.back())) {
      return Declined{mistake->message};
    }
  }
  return plans;
}

void check_length(const Scenario& scenario, const PlannedRun& run) {
  const auto* plans = std::get_if<std::vector<Plan>>(&run.outcome);
  if (plans == nullptr) {
    return;
  }
  std::vector<IdleTimes> times;
  for (const Plan& plan : *plans) {
    const Cost& cost = plan.cost;
    const bool sends = !cost.goes_up.empty() && cost.goes_up.front();
    const Seconds before = std::max(Seconds(0), cost.compute.front() - cost.tail);
    times.push_back({cost.latency(), sends ? before : kNever});
  }
  const std::string why = too_long(scenario, times);
  if (!why.empty()) {
    throw InputError(scenario.stop_place, "stop: under '" + run.algorithm + "', " + why);
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
      carry_real_bytes(simulation.itinerary_of(i), simulation.stop, *inference);
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
    const PlanChoice& own = experiment.scenario.model.plan;
    outcomes.push_back(
        solve(*algorithm, problem,
              algorithm == own.algorithm ? own.parameters : defaults(algorithm->parameters)));
  }
  return outcomes;
}

std::vector<PlannedRun> plan_runs(const Experiment& experiment) {
  std::vector<PlannedRun> runs = {{own_name(experiment), own_plans(experiment)}};
  check_length(experiment.scenario, runs.front());
  for (const Algorithm* algorithm : experiment.scenario.compare) {
    const bool has_run = std::any_of(runs.begin(), runs.end(), [&](const PlannedRun& run) {
      return run.algorithm == algorithm->name;
    });
    if (!has_run) {
      runs.push_back({algorithm->name, compared_plans(experiment, algorithm)});
      check_length(experiment.scenario, runs.back());
    }
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
    runs.push_back({.algorithm = planned.algorithm});
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
