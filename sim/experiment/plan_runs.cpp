// Makes the plans of all runs: each model by its own algorithm, then all models by each algorithm
// that the scenario compares with. partition::solve() verifies each plan. Runs that would be too
// long are refused here, since only plans tell how soon closed loops send their next requests.

#include "sim/experiment/plan_runs.h"

#include <fmt/format.h>
#include <fmt/ranges.h>

#include <algorithm>

#include "partition/solvers/exit_ways.h"
#include "sim/experiment/beliefs.h"
#include "sim/experiment/deployment_rules.h"
#include "sim/experiment/memory_shortage.h"
#include "sim/experiment/weights.h"

namespace offcut::experiment {
namespace {

/// Returns the name of the run of the scenario's own plans: the algorithms' names, each once.
std::string own_name(const Experiment& experiment) {
  std::vector<std::string> names;
  for (const PreparedModel& model : experiment.models) {
    const std::string& name = experiment.choice_of(model).plan.algorithm->name;
    if (std::find(names.begin(), names.end(), name) == names.end()) {
      names.push_back(name);
    }
  }
  return fmt::format("{}", fmt::join(names, "+"));
}

/// Puts the model before the reason for having no plan.
partition::Outcome with_model(const scenario::ModelChoice& model, partition::Outcome outcome) {
  const std::string subject = model.section + ": ";
  if (auto* declined = std::get_if<partition::Declined>(&outcome)) {
    declined->reason.insert(0, subject);
  } else if (auto* failed = std::get_if<partition::Failed>(&outcome)) {
    failed->reason.insert(0, subject);
  }
  return outcome;
}

/// Returns why the scenario refuses the plans for the memory that they need; empty if it does not.
std::string memory_refusal(const Experiment& experiment,
                           const std::vector<partition::Plan>& plans) {
  std::vector<std::string> reasons;
  if (experiment.scenario.enforces_memory) {
    for (const MemoryShortage& shortage : memory_shortages(experiment, plans)) {
      reasons.push_back(shortage_text(experiment, shortage));
    }
  }
  return fmt::format("{}", fmt::join(reasons, ", "));
}

void check_memory(const Experiment& experiment, const std::vector<partition::Plan>& plans) {
  const std::string refusal = memory_refusal(experiment, plans);
  if (!refusal.empty()) {
    throw InputError(experiment.scenario.memory_rule_place,
                     fmt::format("memory: under '{}', {}", own_name(experiment), refusal));
  }
}

/// Returns the outcome, or the refusal to simulate its plan.
partition::Outcome if_deployable(const Experiment& experiment, const PreparedModel& model,
                                 partition::Outcome outcome) {
  if (const auto* plan = std::get_if<partition::Plan>(&outcome)) {
    if (auto refusal = deployment_refusal(experiment, model, *plan)) {
      return std::move(*refusal);
    }
  }
  return outcome;
}

/// Returns all models' plans by one algorithm, or the reason why one of them has none.
PlansOutcome compared_plans(const Experiment& experiment, const partition::Algorithm* algorithm) {
  const bool names_model = experiment.scenario.models.size() > 1;
  std::vector<partition::Plan> plans;
  for (const PreparedModel& model : experiment.models) {
    const scenario::ModelChoice& choice = experiment.choice_of(model);
    partition::Outcome outcome =
        if_deployable(experiment, model, plan_all(model, choice.plan, {algorithm}).front());
    if (names_model) {
      outcome = with_model(choice, std::move(outcome));
    }
    if (auto* declined = std::get_if<partition::Declined>(&outcome)) {
      return std::move(*declined);
    }
    if (auto* failed = std::get_if<partition::Failed>(&outcome)) {
      return std::move(*failed);
    }
    plans.push_back(std::get<partition::Plan>(std::move(outcome)));
    if (const auto diagnostic = memory_error(experiment.scenario, model, plans.back())) {
      return partition::Declined{diagnostic->message};
    }
  }
  if (std::string refusal = memory_refusal(experiment, plans); !refusal.empty()) {
    return partition::Declined{std::move(refusal)};
  }
  return plans;
}

void check_length(const Experiment& experiment, const PlannedRun& run) {
  const auto* plans = std::get_if<std::vector<partition::Plan>>(&run.outcome);
  if (plans == nullptr) {
    return;
  }
  const scenario::Scenario& scenario = experiment.scenario;
  // The soonest of all groups of devices.
  std::vector<scenario::IdleTimes> times(scenario.models.size(), {engine::kNever, engine::kNever});
  for (std::size_t i = 0; i < plans->size(); ++i) {
    const partition::Cost& cost = (*plans)[i].cost;
    const bool sends =
        std::find(cost.goes_up.begin(), cost.goes_up.end(), true) != cost.goes_up.end();
    const Seconds before = std::max(Seconds(0), cost.compute.front() - cost.tail);
    scenario::IdleTimes& soonest = times[experiment.models[i].choice];
    soonest.latency = std::min(soonest.latency, (*plans)[i].latency());
    soonest.until_sent = std::min(soonest.until_sent, sends ? before : engine::kNever);
  }
  const std::string reason = scenario::reason_too_long(scenario, times);
  if (!reason.empty()) {
    throw InputError(scenario.stop_place, "stop: under '" + run.algorithm + "', " + reason);
  }
}

/// Lets the only run so far have the scenario's own adaptation, and adds those with which it is
/// compared. They begin with the same plans.
void add_adapted(const Experiment& experiment, std::vector<PlannedRun>& runs) {
  const auto& adapt = experiment.scenario.adapt;
  if (!adapt) {
    return;
  }
  const auto plans = std::get<std::vector<partition::Plan>>(runs.front().outcome);
  for (const partition::Plan& plan : plans) {
    if (plan.deployment) {
      throw InputError(adapt->place,
                       fmt::format("adapt: the requests of '{}' take several cuts, or several "
                                   "machines, which are planned before the run: expected another "
                                   "algorithm",
                                   plan.algorithm));
    }
  }
  runs.front().algorithm = adapt->own.name();
  runs.front().adaptation = &adapt->own;
  for (const scenario::Adaptation& other : adapt->compare) {
    runs.push_back({other.name(), plans, &other});
  }
}

}  // namespace

std::vector<partition::Outcome> plan_all(
    const PreparedModel& model, const scenario::PlanChoice& own,
    const std::vector<const partition::Algorithm*>& algorithms) {
  partition::Problem problem = model.believed.value_or(model.problem);
  problem.extras.graph = &model.graph;
  problem.extras.model = model.name;
  problem.extras.group = model.group_name;
  problem.extras.device_tier = model.device_tier;
  std::vector<partition::Outcome> outcomes;
  for (const partition::Algorithm* algorithm : algorithms) {
    partition::Outcome outcome = partition::solve(
        *algorithm, problem,
        algorithm == own.algorithm ? own.parameters : defaults(algorithm->parameters));
    if (const auto* plan = std::get_if<partition::Plan>(&outcome);
        plan != nullptr && own.keeps_exits()) {
      outcome = partition::with_exits(problem, *plan);
    }
    outcomes.push_back(model.believed ? with_true_cost(model, std::move(outcome))
                                      : std::move(outcome));
  }
  return outcomes;
}

std::vector<partition::Plan> own_plans(const Experiment& experiment) {
  std::vector<partition::Plan> plans;
  std::vector<Diagnostic> diagnostics;
  for (const PreparedModel& model : experiment.models) {
    const scenario::ModelChoice& choice = experiment.choice_of(model);
    const scenario::PlanChoice& own = choice.plan;
    partition::Outcome outcome = partition::Failed{};
    try {
      outcome = if_deployable(experiment, model, plan_all(model, own, {own.algorithm}).front());
    } catch (const InputError& error) {  // In a file that the algorithm reads.
      add_new(error.diagnostics(), diagnostics);
      continue;
    }
    if (!own.model.empty()) {
      outcome = with_model(choice, std::move(outcome));
    }
    if (!std::holds_alternative<partition::Plan>(outcome)) {
      const Diagnostic refusal = own.refusal(outcome);
      add_new({&refusal, 1}, diagnostics);  // Groups of devices may have the same reason.
    } else if (const auto diagnostic =
                   memory_error(experiment.scenario, model, std::get<partition::Plan>(outcome))) {
      diagnostics.push_back(*diagnostic);
    } else {
      plans.push_back(std::get<partition::Plan>(outcome));
    }
  }
  if (diagnostics.empty()) {
    check_memory(experiment, plans);
  } else {
    throw InputError(std::move(diagnostics));
  }
  return plans;
}

std::vector<PlannedRun> plan_runs(const Experiment& experiment) {
  std::vector<PlannedRun> runs;
  if (experiment.given_plans.empty()) {
    runs.push_back({own_name(experiment), own_plans(experiment)});
  } else {
    runs.push_back({experiment.given_plans.front().algorithm, experiment.given_plans});
  }
  check_length(experiment, runs.front());
  add_adapted(experiment, runs);
  for (const partition::Algorithm* algorithm : experiment.scenario.compare) {
    const bool has_run = std::any_of(runs.begin(), runs.end(), [&](const PlannedRun& run) {
      return run.algorithm == algorithm->name;
    });
    if (!has_run) {
      runs.push_back({algorithm->name, compared_plans(experiment, algorithm)});
      check_length(experiment, runs.back());
    }
  }
  return runs;
}

}  // namespace offcut::experiment
