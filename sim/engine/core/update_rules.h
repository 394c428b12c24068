#pragma once

#include "sim/engine/core/findings.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Adds the errors of the updates to the findings.
void check_updates(const Simulation& simulation, Findings& findings);

}  // namespace offcut::engine
