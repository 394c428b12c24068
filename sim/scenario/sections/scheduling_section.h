#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads how tiers treat the requests that come to them, into the scenario's tiers:
///
///   scheduling:
///     device: lifo                     the order of its queue; or a map, as below
///     edge:
///       queue: edf                     default: fifo
///       batch: {policy: timeout, max: 8, delay: 2 ms}    default: none, requests one by one
///       dispatch: shortest-queue       default: none, the servers of a site share one queue
///       admission: {policy: bounded-queue, capacity: 10} default: all are taken
///
/// A policy is its name, or a map with its name as `policy` and its parameters.
/// REQUIRES: scenario.tiers are read.
void read_scheduling(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
