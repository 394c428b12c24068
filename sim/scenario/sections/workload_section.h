#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kWorkloadKeys;

/// Reads the classes of requests and their arrivals, into scenario.classes.
/// REQUIRES: stop, models, tiers and failures are read.
void read_workload(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
