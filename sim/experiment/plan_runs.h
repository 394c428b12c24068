#pragma once

#include <string>
#include <variant>
#include <vector>

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// A plan for each of the scenario's models, or why there is none for one of them.
struct PlannedRun {
  std::string algorithm;  // where models are planned by several: their names, "fixed+multi-tier"
  std::variant<std::vector<partition::Plan>, partition::Declined> outcome;
};

/// Returns the model's plan by each algorithm, in the given order. The algorithm that the scenario
/// chooses for the model (`own`) has the parameters given there; the others have their defaults.
std::vector<partition::Outcome> plan_all(
    const PreparedModel& model, const scenario::PlanChoice& own,
    const std::vector<const partition::Algorithm*>& algorithms);

/// What to run: the scenario's own plans, then each algorithm that it compares with, for all
/// models. An algorithm declines too where a tier has no room for what it puts there. Throws
/// InputError at the scenario where its own plans are declined, or where a run would not end.
std::vector<PlannedRun> plan_runs(const Experiment& experiment);

}  // namespace offcut::experiment
