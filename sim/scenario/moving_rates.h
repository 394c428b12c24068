#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Gives the links of all hops the rates and latencies that their traces say. Links whose traces
/// end for good have an outage from then on. REQUIRES: tiers, network and failures are read.
void set_moving_rates(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
