#pragma once

#include "models/base/error.h"
#include "partition/placement.h"

namespace offcut::partition {

/// Returns the placement that a list of layers describes: each layer is the last one before a cut,
/// as in the plan `fixed`, together with all layers that it depends on. (`fixed` has one layer for
/// each hop, in order, since it knows the tiers; here the layers determine the number of tiers.)
///
/// Layers of the list that don't depend on each other belong to the same cut, which runs through
/// parallel branches; a layer that depends on another belongs to a later cut, after which the next
/// tier begins. So the order of the list does not matter, and every legal cut can be written: as
/// the layers before it that no other layer before it reads.
///
/// Tiers are called device, edge, cloud; with more than two cuts tier0, tier1, and so on. Each text
/// is the name of a layer, or several names separated by commas. Errors in them are added to
/// `diagnostics` at `place`; the placement is then meaningless.
Placement cut_after(const Graph& graph, const std::vector<std::string>& texts, const Place& place,
                    std::vector<Diagnostic>& diagnostics);

}  // namespace offcut::partition
