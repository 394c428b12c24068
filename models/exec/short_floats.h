#pragma once

#include "models/exec/segment.h"

namespace offcut::exec {

/// Returns whether a layer of the segment reads or makes floats of 16 bits.
bool has_short_floats(const Graph& graph, const Segment& segment);

/// Returns the same graph with float32 in the place of floats of 16 bits: ids and names stay, and
/// layers that would convert to such floats no longer round. Weights are converted on first use.
/// REQUIRES: `graph` outlives the result.
Graph in_float32(const Graph& graph);

/// Converts each tensor to the type that it has in the graph.
TensorMap with_types_of(const Graph& graph, const TensorMap& tensors);

}  // namespace offcut::exec
