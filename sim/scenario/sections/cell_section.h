#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kCellKeys;

/// Reads the Wi-Fi cell of a hop, whose rates are then those of a station alone in its cell.
/// `devices` is the first tier, if the hop leads from there to the next; otherwise null. REQUIRES:
/// all else of the hop is read.
void read_cell(MapReader& reader, const TierChoice* devices, HopChoice& hop);

/// Numbers the media of the cells by their names, and checks that the tiers can have cells.
void number_cells(ReadSoFar& so_far);

}  // namespace offcut::scenario
