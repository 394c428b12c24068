#pragma once

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// Returns the model's problem as planners see it under the scenario's beliefs: with their times of
/// layers, loads and bandwidths in place of the true ones. The same seed gives the same estimates;
/// each layer, hop and tier has a random stream of its own.
partition::Problem believed_problem(const scenario::Scenario& scenario,
                                    const scenario::Beliefs& beliefs, const PreparedModel& model);

/// Returns a plan that was made under beliefs with its true cost. Declined if the plan has variants
/// or a team, whose costs are those that the algorithm believes.
partition::Outcome with_true_cost(const PreparedModel& model, partition::Outcome outcome);

}  // namespace offcut::experiment
