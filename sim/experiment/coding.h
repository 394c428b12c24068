#pragma once

#include "models/codec/wire.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Adds the plan's codecs to the problem: for each tensor the bytes that they promise, and the
/// times of encoding and decoding on each tier. A codec that the scenario names for a tensor
/// becomes the tensor's coding; a list of codecs becomes its candidates. Throws InputError if a
/// name belongs to neither a tensor nor a layer, if a codec refuses a tensor, or if the speed of a
/// tier is unknown. REQUIRES: the problem was made from this graph.
void add_codings(const Graph& graph, const scenario::PlanChoice& plan,
                 const std::vector<scenario::TierChoice>& tiers, partition::Problem& problem);

/// Returns the codec of each tensor that a plan encodes. REQUIRES: they are among the choice's.
codec::WireCodecs wire_codecs(const Graph& graph, const scenario::CodecChoice& choice,
                              const partition::CodecOf& codecs);

}  // namespace offcut::experiment
