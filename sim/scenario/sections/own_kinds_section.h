#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Adds the scenario's own `devices` and `networks` to the catalogue. Each is a map, or the name of
/// a file that contains one.
void read_own_kinds(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
