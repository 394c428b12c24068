#pragma once

#include "partition/accuracy_table.h"
#include "sim/scenario/scenario.h"
#include "sim/workload/dataset.h"

namespace offcut {

/// What the scenario's candidate codecs cost at each legal cut, on its inputs and with its engine:
/// the share of right answers lost, or, without labels, of answers that change. Measured once, and
/// kept as calibrate_codecs() does. Empty without candidates. Throws InputError where the scenario
/// has no math, the network has too many cuts, or there is no folder to keep measures in.
AccuracyTable measured_accuracy(const Graph& graph, const Scenario& scenario, const Dataset& data);

}  // namespace offcut
