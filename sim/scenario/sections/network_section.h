#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads how each tier is connected with the next, into scenario.hops:
///
///   network:
///     device-edge:                     the names of the tiers
///       is: lte                        a network of the catalogue, or its properties (up, down,
///                                      latency, radio), or both
///       shared: false                  by default, each device has links of its own
///       site: {devices: 8, up: 50 Mbit/s, down: 50 Mbit/s}   that the devices of a site share
///       price: 2                       of a gigabyte
///
/// REQUIRES: tiers and own kinds are read.
void read_network(MapReader& top, ReadSoFar& so_far);

/// One hop's properties and price.
HopChoice read_hop_choice(MapReader& reader, const std::string& name, const ReadSoFar& so_far);

}  // namespace offcut::scenario
