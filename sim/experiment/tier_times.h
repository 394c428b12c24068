#pragma once

#include "partition/graph_problem.h"
#include "sim/experiment/load_model.h"

namespace offcut {

/// Notes the columns that tiers and classes of users name and the model's table has not.
void check_columns(const LayerColumns& columns, const ModelChoice& model,
                   const std::vector<TierChoice>& tiers, std::vector<Mistake>& mistakes);

/// Notes the layers that profiles lack, where they could be read.
void check_profiles(const Graph& graph, const std::vector<TierChoice>& tiers,
                    std::vector<Mistake>& mistakes);

/// Each layer's time on each tier. Throws InputError with the layers that profiles lack.
/// REQUIRES: the columns are those that tiers name.
std::vector<TierTimes> tier_times(const Graph& graph, const LayerColumns& columns,
                                  const std::vector<TierChoice>& tiers);

/// What a message finds in an idle system: it is as fast as the slower of the links on its way.
Hop idle_hop(const HopChoice& choice);

/// Puts the plan's classes of users into the problem. Throws as tier_times() does.
void add_user_classes(const Graph& graph, const LayerColumns& columns, const PlanChoice& plan,
                      Problem& problem);

}  // namespace offcut
