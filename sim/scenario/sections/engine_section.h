#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kEngineKeys;

/// Reads how the engine runs, see RunSettings::own_links.
void read_engine_section(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
