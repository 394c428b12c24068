#pragma once

#include "sim/scenario/basis.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

/// Reads the key `basis`, which may be missing: then it is `derived`. Either way, the resolved
/// scenario has it. REQUIRES: the map's table declares the key as a choice among names of bases.
Basis read_basis(MapReader& reader, Basis derived);

}  // namespace offcut::scenario
