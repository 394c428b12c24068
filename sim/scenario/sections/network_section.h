#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kNetworkKeys;
extern const KeyTable kHopChoiceKeys;  // Of read_hop_choice().
extern const KeyTable kHopKeys;        // Of read_own_hop().

/// Reads how each tier is connected with the next, into scenario.hops.
/// REQUIRES: tiers and own kinds are read.
void read_network(MapReader& top, ReadSoFar& so_far);

/// Reads the hop of a group of devices that has one of its own. REQUIRES: own kinds are read.
HopChoice read_own_hop(MapReader& reader, const TierChoice& devices, ReadSoFar& so_far);

/// Reads the figures and the price of a link, and the radio that devices use it with. `means` are
/// those of figures that change over time.
HopChoice read_hop_choice(MapReader& reader, const std::string& name, bool leaves_devices,
                          const ReadSoFar& so_far, const MeanFigures& means = {});

}  // namespace offcut::scenario
