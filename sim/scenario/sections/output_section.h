#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads which results are written: `output: {requests: true}` asks for requests.csv.
void read_output_section(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
