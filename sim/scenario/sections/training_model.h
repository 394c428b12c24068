#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kJointKeys;  // Of `joint`.

/// Adds the network that `training` names to the models, since there is no other.
/// REQUIRES: the scenario has `training`, but neither `model` nor `models`.
void add_trained_model(MapReader& top, ReadSoFar& so_far);

/// Reads the key `model` of a training job. `is_only_model`: add_trained_model() has added it.
void read_trained_model(MapReader& training, bool is_only_model, const ReadSoFar& so_far,
                        TrainingChoice& choice);

/// Reads the keys `only` and `freeze`, which choose the trained weights.
void read_trained_weights(MapReader& training, TrainingChoice& choice);

/// Reads the key `joint`, a network in place of `model`. REQUIRES: the strategy is read.
void read_joint(MapReader& training, TrainingChoice& choice);

}  // namespace offcut::scenario
