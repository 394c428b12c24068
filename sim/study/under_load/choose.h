#pragma once

#include <optional>
#include <string>
#include <vector>

#include "sim/study/under_load/joint_search.h"
#include "sim/study/under_load/verification.h"

namespace offcut::study {

/// A step from the plans of the idle system, under the scenario's own policies, to the choice.
struct ChoiceStep {
  std::string name;  // "idle plans, own policies", "+ cuts", "+ queues", ...
  PredictedDelay predicted;
  SimulatedDelay simulated;
};

/// Plans and policies that are chosen together under load.
struct LoadChoice {
  Configuration chosen;
  PredictedDelay predicted;
  SimulatedDelay simulated;
  std::vector<ChoiceStep> steps;  // The last one is the choice.
  Alternation alternation;
  std::size_t predictions = 0, simulations = 0;
  bool is_out_of_budget = false;
};

struct LoadSearchOptions {
  /// The time that the search may take on a usual machine, as it is estimated: so that the choice
  /// is the same on every machine.
  Seconds budget{10};
  engine::ProgressSink progress = {};
  /// In place of candidate_policies().
  std::optional<std::vector<TierPolicies>> policies = {};
  std::int64_t most_requests = 20'000;  // Of a simulation.
};

/// Chooses the cuts of all models and, if the scenario says so, the policies of all tiers, to
/// minimise the mean or the 95th percentile of delays (DelayGoal): by predicted delays first
/// (JointSearch), then among the best predicted ones, and those next to the best of these, by short
/// simulations with the same arrivals. The plans of the idle system under the scenario's own
/// policies, and in the order of arrival, are among those that are simulated.
///
/// Throws InputError if an algorithm of the scenario declines or fails. REQUIRES: the scenario is
/// to be planned under load. The experiment is the same afterwards.
LoadChoice choose_under_load(experiment::Experiment& experiment,
                             const scenario::Registries& registries,
                             const LoadSearchOptions& options = {});

/// Puts the choice in place of the scenario's algorithms and policies, also in `resolved`, where
/// plans are those of `plan_file`: the run's plan.csv.
void apply(const LoadChoice& choice, const std::string& plan_file,
           experiment::Experiment& experiment);

}  // namespace offcut::study
