#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// The keys of the variation of computing times.
extern const KeyTable kNoiseKeys;

/// Reads the variation of computing times, below the key `noise` of a tier.
engine::Noise read_noise(MapReader& tier, ReadSoFar& so_far);

}  // namespace offcut::scenario
