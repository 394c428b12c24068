#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads how models are planned, into scenario.models and scenario.compare:
///
///   plan:
///     algorithm: exact                 and its parameters
///     codec: int8                      see read_codec_choice()
///     objective: latency               see read_goal(), also for limits
///     compare: [device-only, none]     the algorithms to run beside it
///     classes: {...}                   see read_user_classes()
///     exits: {...}                     see read_exits()
///
/// It is the plan of all models without one of their own (models.NAME.plan). Where each has one, it
/// says what is compared and nothing else.
/// REQUIRES: models, tiers and hops are read.
void read_plans(MapReader& top, ReadSoFar& so_far);

}  // namespace offcut::scenario
