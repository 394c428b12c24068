#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kOutputKeys;

/// Reads which results are written.
void read_output_section(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
