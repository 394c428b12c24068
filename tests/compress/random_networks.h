#pragma once

#include "models/graph/graph.h"

namespace offcut::compress {

/// Returns a network of 5 to 25 random layers on small images: convolutions with and without
/// groups, normalisations, sums, concatenations, splits, slices, gates, attention, recurrent
/// layers, reshapes.
Graph random_network(std::uint64_t seed);

}  // namespace offcut::compress
