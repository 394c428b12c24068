#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads which networks there are, into scenario.models:
///
///   model: {zoo: alexnet}              or onnx: FILE, or layers: FILE, a layer table
///     bind: {batch: 1}                 dimensions of an ONNX model
///     math: sampled                    off by default; or every
///     samples: 100                     of sampled math
///     engine: fast                     what computes the math; reference by default
///     input: {wire: uint8, images: FILE, labels: FILE, divide: 255, random: 64}
///
/// or `models`, a map of such by name, each of which may have a `plan` of its own: it is read by
/// read_plans().
void read_models(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
