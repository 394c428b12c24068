#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads which device the machines of a tier, or of a class of users, are:
///
///   is: raspberry-pi-4b                a device of the catalogue, whose properties (peak, ...) may
///                                      stand beside it; or those properties alone
///   is: column:phone                   of a layer table
///   profile: FILE                      as it was measured
///   fitted: FILE                       as it was fitted to what was measured
void read_device_choice(MapReader& tier, ReadSoFar& so_far, TierChoice& choice);

}  // namespace offcut::scenario
