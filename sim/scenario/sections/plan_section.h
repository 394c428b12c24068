#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kPlanKeys;       // Of the scenario's `plan`.
extern const KeyTable kModelPlanKeys;  // Of a model's own.

/// Reads how models are planned, into scenario.models and scenario.compare. The scenario's `plan`
/// is that of all models without one of their own (models.NAME.plan). Where each has one, it only
/// has the key `compare`. REQUIRES: models, tiers and hops are read.
void read_plans(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
