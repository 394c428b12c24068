#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kFailuresKeys;

/// Reads when machines and links are down, into the scenario's tiers and hops.
/// REQUIRES: scenario.tiers and hops are read.
void read_failures(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
