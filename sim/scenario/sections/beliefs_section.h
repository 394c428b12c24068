#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kBeliefsKeys;

/// Reads the estimates that planners see. REQUIRES: tiers and network are read.
void read_beliefs(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
