#pragma once

#include "models/codec/wire.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Puts the plan's codecs into the problem: the bytes that they promise for each tensor, and
/// what encoding and decoding take on each tier. A codec that is given becomes the tensor's coding,
/// those to choose from become its candidates. Throws InputError where a name is no tensor's and no
/// layer's, a codec refuses a tensor, or a tier is no device of whose speed codecs could be told.
/// REQUIRES: a problem of this graph.
void add_codings(const Graph& graph, const scenario::PlanChoice& plan,
                 const std::vector<scenario::TierChoice>& tiers, partition::Problem& problem);

/// The codecs that a plan names, out of those that were chosen for it.
codec::WireCodecs wire_codecs(const Graph& graph, const scenario::CodecChoice& choice,
                              const partition::CodecOf& codecs);

}  // namespace offcut::experiment
