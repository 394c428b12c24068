#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kTrainingKeys;

/// Reads the training job. Without `workload`, the scenario then has no requests, and neither plan
/// nor stop is needed. REQUIRES: models, tiers and network are read.
void read_training(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
