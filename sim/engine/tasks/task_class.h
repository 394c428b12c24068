#pragma once

#include "sim/engine/simulation.h"

namespace offcut::engine {

/// Returns the simulation with a class for the tasks of a director, the last one, from which no
/// request comes. Streams of random numbers have the names of classes, so tasks shift no draw of
/// requests.
Simulation with_tasks(const Simulation& simulation);

}  // namespace offcut::engine
