#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads how the engine runs: `engine: {own-links: true}`, see RunSettings::own_links.
void read_engine_section(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
