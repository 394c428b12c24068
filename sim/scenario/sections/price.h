#pragma once

#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

/// The key `price`: of a tier's hour, or of a hop's gigabyte. Free by default.
double read_price(MapReader& reader);

}  // namespace offcut::scenario
