#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kRatesKeys;

/// Reads the kind of rates below the key `rates` of a hop or of its uplinks. Null if there is no
/// such key, or if it is invalid.
std::shared_ptr<const network::RateModel> read_rate_model(MapReader& reader, ReadSoFar& so_far);

}  // namespace offcut::scenario
