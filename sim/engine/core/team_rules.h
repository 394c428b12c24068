#pragma once

#include "sim/engine/core/findings.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Checks the itinerary of a team: the team does all of the work, and has the machines of its steps.
void check_team(const Simulation& simulation, const Itinerary& itinerary, Findings& findings);

/// Checks the teams of a simulation, whose machines do not fail.
void check_teams(const Simulation& simulation, Findings& findings);

}  // namespace offcut::engine
