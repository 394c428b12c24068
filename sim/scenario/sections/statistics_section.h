#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kStatisticsKeys;

/// Reads how the figures of a run become intervals.
void read_statistics_section(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
