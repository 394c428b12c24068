#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// The keys of a tier's autoscaler.
extern const KeyTable kAutoscaleKeys;

/// Reads the autoscaler of a tier, if it has one. The tier then has the servers of the largest
/// number of machines. REQUIRES: the numbers of machines and sites are read.
void read_autoscaler(MapReader& tier, ReadSoFar& so_far, TierChoice& choice);

}  // namespace offcut::scenario
