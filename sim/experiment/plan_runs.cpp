// Plans each model by its own algorithm, and all models by each algorithm that is compared.

#include "sim/experiment/plan_runs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "sim/experiment/weights.h"

namespace offcut::experiment {
namespace {

/// As results name the run of the scenario's own plans: the algorithms' names, each once.
std::string own_name(const Experiment& experiment) {
  std::vector<std::string> names;
  for (const PreparedModel& model : experiment.models) {
    const std::string& name = model.choice.plan.algorithm->name;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  return fmt::format("{}", fmt::join(names, "+"));
}

std::string declined_text(const PreparedModel& model, bool say_which,
                          const partition::Declined& declined) {
  return say_which ? fmt::format("{}: {}", model.choice.section, declined.reason) : declined.reason;
}

/// Each model's plan by its own algorithm. Throws InputError where one declines, or has no room.
std::vector<partition::Plan> own_plans(const Experiment& experiment) {
  std::vector<partition::Plan> plans;
  std::vector<Diagnostic> diagnostics;
  for (const PreparedModel& model : experiment.models) {
    const scenario::PlanChoice& choice = model.choice.plan;
    const partition::Outcome outcome = plan_all(model, {choice.algorithm}).front();
    if (const auto* declined = std::get_if<partition::Declined>(&outcome)) {
      diagnostics.push_back(
          {choice.algorithm_place,
           fmt::format("{}.algorithm: '{}' declines: {}", choice.section, choice.algorithm->name,
                       declined_text(model, !choice.model.empty(), *declined))});
    } else if (const auto diagnostic =
                   no_room(experiment.scenario, model, std::get<partition::Plan>(outcome))) {
      diagnostics.push_back(*diagnostic);
    } else {
      plans.push_back(std::get<partition::Plan>(outcome));
    }
  }
  if (!diagnostics.empty()) {
    throw InputError(std::move(diagnostics));
  }
  return plans;
}

/// All models' plans by one algorithm, or why there is none for one of them.
std::variant<std::vector<partition::Plan>, partition::Declined> compared_plans(
    const Experiment& experiment, const partition::Algorithm* algorithm) {
  std::vector<partition::Plan> plans;
  for (const PreparedModel& model : experiment.models) {
    partition::Outcome outcome = plan_all(model, {algorithm}).front();
    if (const auto* declined = std::get_if<partition::Declined>(&outcome)) {
      return partition::Declined{declined_text(model, experiment.models.size() > 1, *declined)};
    }
    plans.push_back(std::get<partition::Plan>(std::move(outcome)));
    if (const auto diagnostic = no_room(experiment.scenario, model, plans.back())) {
      return partition::Declined{diagnostic->message};
    }
  }
  return plans;
}

void check_length(const scenario::Scenario& scenario, const PlannedRun& run) {
  const auto* plans = std::get_if<std::vector<partition::Plan>>(&run.outcome);
  if (plans == nullptr) {
    return;
  }
  std::vector<scenario::IdleTimes> times;
  for (const partition::Plan& plan : *plans) {
    const partition::Cost& cost = plan.cost;
    const bool sends = !cost.goes_up.empty() && cost.goes_up.front();
    const Seconds before = std::max(Seconds(0), cost.compute.front() - cost.tail);
    times.push_back({cost.latency(), sends ? before : engine::kNever});
  }
  const std::string why = scenario::reason_too_long(scenario, times);
  if (!why.empty()) {
    throw InputError(scenario.stop_place, "stop: under '" + run.algorithm + "', " + why);
  }
}

}  // namespace

std::vector<partition::Outcome> plan_all(
    const PreparedModel& model, const std::vector<const partition::Algorithm*>& algorithms) {
  partition::Problem problem = model.problem;
  problem.extras.graph = &model.graph;
  std::vector<partition::Outcome> outcomes;
  for (const partition::Algorithm* algorithm : algorithms) {
    const scenario::PlanChoice& own = model.choice.plan;
    outcomes.push_back(partition::solve(
        *algorithm, problem,
        algorithm == own.algorithm ? own.parameters : defaults(algorithm->parameters)));
  }
  return outcomes;
}

std::vector<PlannedRun> plan_runs(const Experiment& experiment) {
  std::vector<PlannedRun> runs = {{own_name(experiment), own_plans(experiment)}};
  check_length(experiment.scenario, runs.front());
  for (const partition::Algorithm* algorithm : experiment.scenario.compare) {
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

}  // namespace offcut::experiment
