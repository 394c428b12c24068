#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kSchedulingKeys;

/// Reads how tiers treat the requests that come to them, into the scenario's tiers. A policy is its
/// name, or a map with its name as `policy` and its parameters.
/// REQUIRES: scenario.tiers are read.
void read_scheduling(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
