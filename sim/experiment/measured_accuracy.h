#pragma once

#include "partition/accuracy_table.h"
#include "sim/runtime/dataset.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// What the model's candidate codecs cost at each legal cut, on its inputs and with its engine:
/// the share of right answers lost, or, without labels, of answers that change. Measured once, and
/// kept as calibrate_codecs() does. Empty without candidates. Throws InputError where the model
/// has no math, the network has too many cuts, or there is no folder to keep measures in.
partition::AccuracyTable measured_accuracy(const Graph& graph, const scenario::ModelChoice& model,
                                           const runtime::Dataset& data);

}  // namespace offcut::experiment
