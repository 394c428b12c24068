#pragma once

#include "partition/accuracy_table.h"
#include "sim/runtime/dataset.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Returns the accuracy that the model's candidate codecs lose at each legal cut, measured on the
/// model's inputs with its engine: the share of right answers lost or, without labels, of answers
/// that change. calibrate_codecs() keeps the results, so they are measured once. The table is empty
/// without candidates. Throws InputError if the model's math is off, if the network has too many
/// cuts, or if there is no folder for the results.
partition::AccuracyTable measured_accuracy(const Graph& graph, const scenario::ModelChoice& model,
                                           const runtime::Dataset& data);

}  // namespace offcut::experiment
