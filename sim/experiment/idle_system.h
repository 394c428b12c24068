#pragma once

#include "sim/engine/simulation.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Returns the system of a scenario as it is when nothing else happens in it: no requests, no
/// failures, no devices that are away, move or have an empty battery. Services, latencies and rates
/// that vary are at their means, and no packet is lost. What is fixed stays: speeds and bandwidths
/// of single devices, connections, radios, queues, cold starts. It has no Stop, and no power draws.
engine::Simulation idle_system(const scenario::Scenario& scenario);

}  // namespace offcut::experiment
