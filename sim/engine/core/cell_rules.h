#pragma once

#include "sim/engine/core/findings.h"
#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Checks the Wi-Fi cell of a hop, if it is one. The subject of the findings is the hop.
void check_cell(const Simulation& simulation, std::size_t hop, Findings& findings);

}  // namespace offcut::engine
