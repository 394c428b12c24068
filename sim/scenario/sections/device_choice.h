#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// With the keys of a device, which may stand beside `is` or for themselves.
extern const KeyTable kDeviceChoiceKeys;

/// Reads which device the machines of a tier, or of a class of users, are: one of the catalogue, a
/// column of the layer table, or one that was measured or fitted.
void read_device_choice(MapReader& tier, ReadSoFar& so_far, TierChoice& choice);

}  // namespace offcut::scenario
