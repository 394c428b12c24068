#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kUpdatesKeys;

/// Reads the section `updates`: new weights for the tiers, and data for training.
void read_updates(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
