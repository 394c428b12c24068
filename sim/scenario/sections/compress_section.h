#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads the keys `compress` and `calibrate-on` of a model. A layer table has neither.
void read_compression(MapReader& model, const ReadSoFar& so_far, bool is_table,
                      ModelChoice& choice);

}  // namespace offcut::scenario
