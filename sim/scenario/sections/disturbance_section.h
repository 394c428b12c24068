#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kJitterKeys;
extern const KeyTable kLossKeys;

/// Reads the jitter and the losses of a hop's messages; none where the keys are missing.
std::optional<network::Jitter> read_jitter(MapReader& hop, ReadSoFar& so_far);
std::optional<network::Loss> read_loss(MapReader& hop);

}  // namespace offcut::scenario
