#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kUserClassesKeys;

/// Reads the key `classes` of a section `plan`: users with other devices than the first tier's,
/// each kind with a link of its own, or with one like the first tier's.
/// REQUIRES: hops and choice.codec are read.
void read_user_classes(MapReader& plan, ReadSoFar& so_far, PlanChoice& choice);

}  // namespace offcut::scenario
