#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kSiteKeys;

/// Reads the uplinks below the key `site` of a hop, each of which several devices share after their
/// own links. `is_first`: the hop leads from the devices to the next tier. `devices` are those that
/// it leaves, or null. REQUIRES: the hop's own links are read.
void read_site(MapReader& reader, bool is_first, const TierChoice* devices, HopChoice& hop,
               ReadSoFar& so_far);

}  // namespace offcut::scenario
