#pragma once

#include "sim/scenario/sections/read_so_far.h"

namespace offcut::scenario {

extern const KeyTable kTraceKeys;

/// Reads the trace below the key `trace` of a hop or of its uplinks: the name of a file, or a map.
/// None if there is no such key. `may_end`: links may go down when their traces end.
std::optional<TraceChoice> read_trace_choice(MapReader& reader, bool may_end, ReadSoFar& so_far);

/// Returns the means of a trace, if there is one. If its files are invalid, harmless values stand
/// in for them.
MeanFigures means_of(const std::optional<TraceChoice>& trace);

}  // namespace offcut::scenario
