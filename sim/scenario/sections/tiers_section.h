#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads which machines there are, into scenario.tiers, from the devices inwards:
///
///   tiers:
///     device: {is: raspberry-pi-4b, count: 10}           see read_device_choice()
///     edge:
///       is: t4
///       count: 4                       of machines; 1 by default
///       cores: 2                       of each; 1 by default
///       sites: 2                       that machines and devices stand at in equal numbers
///       model-memory: 4 GB             by default, all models fit
///       model-load: 2 GB/s             at which a model comes into that memory
///       price: 0.5                     of a machine's hour
///       noise: {kind: lognormal, cv: 0.2}                or exponential; none by default
///
/// REQUIRES: models and own kinds are read.
void read_tiers(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
