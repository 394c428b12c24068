#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kCodecKeys;  // Of `codec` as a map.

/// Reads the keys `codec` and `cache` of a section `plan`. A layer table can't have codecs.
CodecChoice read_codec_choice(MapReader& plan, ReadSoFar& so_far);

}  // namespace offcut::scenario
