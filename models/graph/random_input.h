#pragma once

#include "models/base/random.h"
#include "models/graph/graph.h"

namespace offcut {

/// Returns the number of rows of the smallest table that layers index with this integer input
/// (Gather's indices, also through layers that only change shape or type); 0 if there is no table.
/// Valid values are less than that number.
std::int64_t rows_read_by(const Graph& graph, TensorId input);

/// Draws a value for an input of a network without data: float32 from 0 to 1 in steps of 1 / 255
/// and uint8, as in images; for integers, valid rows if they index a table and 1 otherwise, which
/// in a mask keeps everything. Throws std::invalid_argument for other types.
Tensor random_input(const Graph& graph, TensorId input, RandomStream stream);

}  // namespace offcut
