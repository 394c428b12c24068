#pragma once

#include <optional>
#include <vector>

#include "sim/experiment/experiment.h"

namespace offcut::experiment {

/// Returns the refusal to simulate a plan whose deployment does not fit the scenario: another
/// number of users than devices, or a tier whose machines are to be shared or to help and that has
/// what these can't have. None if the plan can be simulated.
std::optional<partition::Declined> deployment_refusal(const Experiment& experiment,
                                                      const PreparedModel& model,
                                                      const partition::Plan& plan);

/// Adds to the simulation what the deployments need: the helpers of teams, and the parts of a
/// server that its users share. REQUIRES: deployment_refusal() refuses none of the plans.
void deploy(const std::vector<partition::Plan>& plans, engine::Simulation& simulation);

}  // namespace offcut::experiment
