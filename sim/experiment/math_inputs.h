#pragma once

#include "models/graph/graph.h"
#include "sim/runtime/dataset.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// What the model's math runs on: its images, or inputs that are drawn from the seed; empty where
/// the math is off. Throws InputError where they don't fit the network or the memory.
runtime::Dataset math_inputs(const Graph& graph, const scenario::ModelChoice& model,
                             std::uint64_t seed);

}  // namespace offcut::experiment
