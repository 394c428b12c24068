#pragma once

#include "sim/scenario/scenario.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

/// Reads the key `exits` of a section `plan`: a map from outputs to {leaves, accuracy}.
std::vector<ExitChoice> read_exits(MapReader& plan);

}  // namespace offcut::scenario
