#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

/// Reads the key `classes` of a section `plan`: users with other devices than the first tier's,
/// each kind with a link of its own, or with one like the first tier's.
///
///   classes:
///     phone: {is: iphone-13, count: 3, network: {is: lte}}
///
/// REQUIRES: hops and choice.codec are read.
void read_user_classes(MapReader& plan, ReadSoFar& so_far, PlanChoice& choice);

}  // namespace offcut::scenario
