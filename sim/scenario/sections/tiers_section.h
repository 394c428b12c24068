#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kTiersKeys;
extern const KeyTable kMachineKeys;  // Those of a tier that its groups of machines may have, too.

/// Reads which machines there are, into scenario.tiers, from the devices inwards.
/// REQUIRES: models and own kinds are read.
void read_tiers(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
