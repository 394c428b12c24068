#pragma once

#include "sim/scenario/scenario.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

extern const KeyTable kExitsKeys;

/// Reads the key `exits` of a section `plan`, a map with an entry per output.
std::vector<ExitChoice> read_exits(MapReader& plan);

}  // namespace offcut::scenario
