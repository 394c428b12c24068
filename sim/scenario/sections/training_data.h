#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kTrainingDataKeys;  // Of `data`.

/// Reads the key `dataset` of a training job: the name of a data set of the registry, or the path
/// of a file or folder, which must exist.
void read_training_dataset(MapReader& training, const ReadSoFar& so_far, TrainingChoice& choice);

/// Reads the key `data`, the split of the samples among the devices. REQUIRES: the strategy is
/// read.
void read_training_split(MapReader& training, const Registries& registries, TrainingChoice& choice);

}  // namespace offcut::scenario
