#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kAvailabilityKeys;
extern const KeyTable kCapacityKeys;

inline constexpr const char* kOnlyDevicesHaveTraces =
    "only devices, the machines of the first tier, follow such a trace";

/// Read `availability` and `capacity` of a tier, which only the first may have. REQUIRES: the
/// number of its machines is read.
void read_availability(MapReader& tier, bool is_first, ReadSoFar& so_far, TierChoice& choice);
void read_capacity(MapReader& tier, bool is_first, ReadSoFar& so_far, TierChoice& choice);

/// Lets the links of devices follow the traces of their devices: they are down while the device is
/// away, and have its rates. REQUIRES: the failures and the moving rates of hops are read.
void set_device_traces(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
