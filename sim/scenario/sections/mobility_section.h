#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kMobilityKeys;

/// Reads the movement of the devices, into scenario.mobility. REQUIRES: network and engine settings
/// are read.
void read_mobility(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
