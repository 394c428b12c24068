#pragma once

#include "sim/engine/simulation.h"

namespace offcut {

/// Throws std::invalid_argument where the simulation is not what its fields say it has to be: all
/// mistakes, a line each.
void check(const Simulation& simulation);

}  // namespace offcut
