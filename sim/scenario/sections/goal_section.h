#pragma once

#include "sim/scenario/scenario.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

/// Reads `objective` and `limits` of a section `plan`, which those models have, into `choice`.
///
///   objective: latency | energy | money | throughput
///     or a map of weights {latency: 1, energy: 0.1, money: 0, throughput: 0}: the weighted sum of
///     seconds of latency, joules of the device (busy while it computes, the radio's while bytes
///     are on its link; it idles for nothing), units of money (`price` of tiers and of hops) and
///     seconds of the longest stage, whose inverse the throughput is.
///   limits:
///     memory: true | {device: 1 GB, edge: 4 GB}   what tiers have, or as said here; parameters,
///                                                 and what the largest layer works on
///     deadline: 100 ms                            of the latency of a request by itself
///     pin-first: 3                                so many layers stay on the device
///     pin-tail: 1                                 so many run there when the answer is back
///     keep-input: true                            raw data stays on the device, see
///                                                 layers_that_keep_inputs()
/// REQUIRES: scenario.tiers and hops are read.
void read_goal(MapReader& plan, const Scenario& scenario,
               const std::vector<const ModelChoice*>& models, PlanChoice& choice);

}  // namespace offcut::scenario
