#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kAdaptKeys;

/// Reads how plans follow the state of links and servers. REQUIRES: all other sections are read.
void read_adapt(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
