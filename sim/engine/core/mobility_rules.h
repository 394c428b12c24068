#pragma once

#include "sim/engine/core/findings.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Checks the mobility of a simulation: its times and sizes, and that it has places between which
/// devices can move.
void check_mobility(const Simulation& simulation, Findings& findings);

}  // namespace offcut::engine
