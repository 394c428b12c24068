#pragma once

#include "models/base/error.h"
#include "partition/placement.h"

namespace offcut::partition {

/// The placement that a list of layers means: each is the last one before a cut, as in the plan
/// `fixed`. What a layer depends on stands before the cut with it. (`fixed` has one layer for each
/// hop, in order, since it knows the tiers; here the layers say how many there are.)
///
/// Layers of the list that don't depend on each other belong to the same cut, which runs through
/// parallel branches; one that depends on another belongs to a later cut, after which the next
/// tier begins. So the order of the list does not matter, and every legal cut can be written: as
/// the layers before it that no other layer before it reads.
///
/// Tiers are called device, edge, cloud; with more than two cuts tier0, tier1, and so on. Each text
/// is a layer's name, or several with commas between. What is wrong with them is added to
/// `errors` at `place`; the placement is then of no use.
Placement cut_after(const Graph& graph, const std::vector<std::string>& texts, const Place& place,
                    std::vector<Diagnostic>& diagnostics);

}  // namespace offcut::partition
