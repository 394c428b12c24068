#pragma once

#include "sim/scenario/scenario.h"
#include "sim/scenario/sections/read_so_far.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

extern const KeyTable kExitsKeys;
extern const KeyTable kClassExitsKeys;

/// Reads the key `exits` of a section `plan`, a map with an entry per output.
std::vector<ExitChoice> read_exits(MapReader& plan);

/// Reads the key `exits` of a class of requests that runs Scenario::models[model].
std::vector<ClassExitChoice> read_class_exits(MapReader& reader, const ReadSoFar& so_far,
                                              std::size_t model);

}  // namespace offcut::scenario
