#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads who asks when, into scenario.classes:
///
///   workload:
///     arrivals: poisson                and its parameters
///     per: device                      or all: one source for all devices together
///     deadline: 150 ms                 after the arrival; default: none
///     priority: 0                      the lower, the more urgent
///     on-failure: {retries: 3, backoff: 10 ms, factor: 2, then: wait | local | drop}
///     when-rejected: drop              or local
///
/// or `classes`, a map of such by name, where each says its `model` if the scenario has several.
/// REQUIRES: stop, models, tiers and failures are read.
void read_workload(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
