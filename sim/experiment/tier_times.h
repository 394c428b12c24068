#pragma once

#include "partition/graph_problem.h"
#include "sim/experiment/load_model.h"

namespace offcut::experiment {

/// Notes the columns that tiers and classes of users name and the model's table has not.
void check_columns(const LayerColumns& columns, const scenario::ModelChoice& model,
                   const std::vector<scenario::TierChoice>& tiers,
                   std::vector<Diagnostic>& diagnostics);

/// Notes the layers that profiles lack, where they could be read.
void check_profiles(const Graph& graph, const std::vector<scenario::TierChoice>& tiers,
                    std::vector<Diagnostic>& diagnostics);

/// Each layer's time on each tier. Throws InputError with the layers that profiles lack.
/// REQUIRES: the columns are those that tiers name.
std::vector<partition::TierTimes> tier_times(const Graph& graph, const LayerColumns& columns,
                                             const std::vector<scenario::TierChoice>& tiers);

/// The hop as a planner sees it: that of an idle system at the start of a run, where a message is
/// as fast as the slower of the links on its way.
partition::Hop idle_hop(const scenario::HopChoice& choice);

/// Puts the plan's classes of users into the problem. Throws as tier_times() does.
void add_user_classes(const Graph& graph, const LayerColumns& columns,
                      const scenario::PlanChoice& plan, partition::Problem& problem);

}  // namespace offcut::experiment
