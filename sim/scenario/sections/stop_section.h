#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads when a run ends: `stop: {requests: 1000}` or `stop: {after: 10 min}`.
void read_stop(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
