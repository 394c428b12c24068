#pragma once

#include "partition/graph_problem.h"
#include "sim/experiment/load_model.h"

namespace offcut::experiment {

/// Adds an error for each column that a tier or a class of users names and the model's table lacks.
void check_columns(const LayerColumns& columns, const scenario::ModelChoice& model,
                   const std::vector<scenario::TierChoice>& tiers,
                   std::vector<Diagnostic>& diagnostics);

/// Adds an error for each tier with batches whose columns have the times of single requests alone.
/// Columns that are missing are skipped.
void check_batches(const LayerColumns& columns, const scenario::ModelChoice& model,
                   const std::vector<scenario::TierChoice>& tiers,
                   std::vector<Diagnostic>& diagnostics);

/// Adds an error for each layer that a profile lacks. Profiles that could not be read are skipped.
void check_profiles(const Graph& graph, const std::vector<scenario::TierChoice>& tiers,
                    std::vector<Diagnostic>& diagnostics);

/// The layers' times on each tier.
struct TierCosts {
  std::vector<partition::TierTimes> times;             // Of single requests.
  std::vector<std::optional<MeasuredTimes>> measured;  // None where times are modelled.
};

/// Returns each layer's time on each tier. Throws InputError with the layers, and the batches of
/// tiers with a batching policy, that profiles lack. REQUIRES: the table has all columns that tiers
/// name, see check_columns().
TierCosts tier_costs(const Graph& graph, const LayerColumns& columns,
                     const std::vector<scenario::TierChoice>& tiers);

/// Returns the hop as a planner sees it: in an idle system, where a message has the bandwidth of
/// the slowest link on its way. Of figures that change over time, it is the mean, or the one that
/// the scenario states.
partition::Hop idle_hop(const scenario::HopChoice& choice);

/// Adds the plan's classes of users to the problem. Throws as tier_costs() does.
void add_user_classes(const Graph& graph, const LayerColumns& columns,
                      const scenario::PlanChoice& plan, partition::Problem& problem);

}  // namespace offcut::experiment
