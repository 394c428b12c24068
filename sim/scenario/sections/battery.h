#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kBatteryKeys;

/// Reads `battery` of a tier, which only the first may have, and which needs the power draw of its
/// device. `is_valid` says whether that is known to be right.
void read_battery(MapReader& tier, bool is_first, bool is_valid, TierChoice& choice);

}  // namespace offcut::scenario
