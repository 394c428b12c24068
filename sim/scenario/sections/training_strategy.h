#pragma once

#include "sim/scenario/scenario.h"
#include "sim/scenario/yaml/map_reader.h"

namespace offcut::scenario {

extern const KeyTable kTrainingStrategyKeys;   // Of `strategy` as a map.
extern const KeyTable kTrainingSelectionKeys;  // Of `selection` as a map.

/// The bound of all numbers of rounds.
inline constexpr double kMostTrainingRounds = 1e7;

/// Reads the key `strategy` of a training job: the strategy, its settings and its aggregator. The
/// strategy stays null, with an error, if its name is missing or unknown.
void read_training_strategy(MapReader& training, const Registries& registries,
                            TrainingChoice& choice);

/// Reads the key `selection`, the choice of a round's devices. REQUIRES: the strategy is read.
void read_training_selection(MapReader& training, const Registries& registries,
                             TrainingChoice& choice);

}  // namespace offcut::scenario
