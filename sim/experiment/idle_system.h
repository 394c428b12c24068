#pragma once

#include "sim/engine/simulation.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Returns the system of a scenario as it is when nothing else happens in it: no requests, no
/// failures, no devices that are away, move or have an empty battery. Services, latencies and rates
/// that vary are at their means, and no packet is lost. Speeds and bandwidths of single devices,
/// connections, radios, queues and cold starts stay as they are. It has no Stop and no power draws.
engine::Simulation idle_system(const scenario::Scenario& scenario);

}  // namespace offcut::experiment
