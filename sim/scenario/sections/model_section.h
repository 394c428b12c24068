#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kModelKeys;   // Of `model`.
extern const KeyTable kModelsKeys;  // Of `models`.

/// Reads `model`, or `models`, into scenario.models. The plan that one of several models may have
/// is left to read_plans().
void read_models(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
