#pragma once

#include "models/base/random.h"
#include "models/graph/graph.h"

namespace offcut {

/// How many rows the tables have that layers pick from with this input of integers (Gather's
/// indices, also after layers that only change its shape or type): the least of them, and 0 where
/// there is no table. Numbers from 0 to that, exclusive, are valid.
std::int64_t rows_read_by(const Graph& graph, TensorId input);

/// A value for an input of a network without data: float32 from 0 to 1 in steps of 1 / 255 and
/// uint8, as images have; integers that are valid rows where they pick from a table, and 1
/// otherwise, which in a mask means all of it. Throws std::invalid_argument for other types.
Tensor random_input(const Graph& graph, TensorId input, RandomStream stream);

}  // namespace offcut
