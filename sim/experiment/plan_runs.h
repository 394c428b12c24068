#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// A plan for each of the scenario's models, or the reason why one of them has none.
using PlansOutcome =
    std::variant<std::vector<partition::Plan>, partition::Declined, partition::Failed>;

struct PlannedRun {
  std::string algorithm;  // If models have different ones, their names: "fixed+multi-tier".
  PlansOutcome outcome;
  /// By which its plans change during the run; null: they stay as they are. Refers to the scenario.
  const scenario::Adaptation* adaptation = nullptr;
};

/// Returns the model's plan by each algorithm, in the given order. The algorithm that the scenario
/// chooses for the model (`own`) has the parameters given there; the others have their defaults.
std::vector<partition::Outcome> plan_all(
    const PreparedModel& model, const scenario::PlanChoice& own,
    const std::vector<const partition::Algorithm*>& algorithms);

/// Returns each model's plan by its own algorithm. Throws InputError if one declines or fails, or
/// if its plan does not fit the memory of a tier.
std::vector<partition::Plan> own_plans(const Experiment& experiment);

/// Returns the runs of an experiment: that of the scenario's own plans, then one for each algorithm
/// that they are compared with, for all models. With an adaptation, the first run has it and its
/// name, and those of the adaptations with which it is compared come next. An algorithm also
/// declines if its plan does not fit the memory of a tier. Throws InputError if one of the
/// scenario's own algorithms declines or fails, or if a run would not end.
std::vector<PlannedRun> plan_runs(const Experiment& experiment);

}  // namespace offcut::experiment
