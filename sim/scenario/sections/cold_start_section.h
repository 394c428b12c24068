#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// The keys of the cold starts of a tier's machines.
extern const KeyTable kColdStartKeys;

/// Reads the cold starts of a tier's machines, if it has any. REQUIRES: the numbers of machines and
/// sites are read.
void read_cold_start(MapReader& tier, const ReadSoFar& so_far, TierChoice& choice);

}  // namespace offcut::scenario
