#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads when machines and links are down, into the scenario's tiers and hops:
///
///   failures:
///     edge:                            a tier's machines, or a hop's links ("device-edge")
///       outages: [{machine: 0, from: 10 s, until: 12 s}]   `link` on a hop
///       up: 60 s                       each by itself is up for an exponential time of this mean,
///       down: 5 s                      then down for one of this
///       trace: outages.csv             see read_outage_trace()
///
/// REQUIRES: scenario.tiers and hops are read.
void read_failures(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
