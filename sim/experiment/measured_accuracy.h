#pragma once

#include <memory>

#include "partition/accuracy_table.h"
#include "sim/runtime/dataset.h"
#include "sim/runtime/study_memory.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

class TierPrecisions;

/// Returns the accuracy that the model's candidate codecs lose at each legal cut, measured on the
/// model's inputs with its engine: the share of right answers lost or, without labels, of answers
/// that change. With precisions (null: all tiers compute in float32), the losses are those of
/// precisions and codecs together, and those without codecs are measured, too.
///
/// `memory` is that of this model, data and engine: the network in float32 is run once for all
/// losses that are measured against it.
///
/// Losses are measured when they are asked for; calibrate_codecs() keeps the results, so they are
/// measured once. Asking throws InputError if a codec refuses a tensor, or if a result can't be
/// kept. The table is empty without candidates, unless the model's algorithm takes accuracy and the
/// math is on. Throws InputError if the model's math is off, if the network has too many cuts, if
/// there is no folder for the results, or if tiers after the device differ in their precision.
partition::AccuracyTable measured_accuracy(const Graph& graph, const scenario::ModelChoice& model,
                                           const runtime::Dataset& data,
                                           std::shared_ptr<const TierPrecisions> precisions,
                                           std::shared_ptr<runtime::StudyMemory> memory,
                                           const Registry<codec::CodecKind>& kinds);

}  // namespace offcut::experiment
