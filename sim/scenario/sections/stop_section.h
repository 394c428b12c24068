#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kStopKeys;

/// Reads when a run ends.
void read_stop(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
