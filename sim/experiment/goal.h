#pragma once

#include <optional>
#include <vector>

#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Returns what the radio adds to a request that finds it idle; nothing if it is unknown.
partition::RadioOverhead radio_overhead(const std::optional<cost::Radio>& radio);

/// Adds the plan's objective and limits, and the power draws and prices of these tiers and hops,
/// which are on the way from a group of devices, to the problem. Throws InputError if the limits do
/// not fit the model.
void set_goal(const Graph& graph, const std::vector<scenario::TierChoice>& tiers,
              const std::vector<scenario::HopChoice>& hops, const scenario::Scenario& scenario,
              std::size_t group, const scenario::PlanChoice& plan, partition::Problem& problem);

}  // namespace offcut::experiment
