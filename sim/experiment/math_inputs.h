#pragma once

#include "models/graph/graph.h"
#include "sim/runtime/dataset.h"
#include "sim/scenario/scenario.h"

namespace offcut::experiment {

/// Returns the inputs of the model's math: its images, or inputs drawn from the seed. They are
/// empty if the math is off. Throws InputError if they do not fit the network or the memory.
runtime::Dataset math_inputs(const Graph& graph, const scenario::ModelChoice& model,
                             std::uint64_t seed);

/// Throws InputError if a class that runs scenario.models[choice] names inputs that the model's
/// math does not have. `inputs` are those of math_inputs().
void check_named_inputs(const scenario::Scenario& scenario, std::size_t choice,
                        const runtime::Dataset& inputs);

/// Returns which inputs the math computes: every one of this number. REQUIRES: the math is on.
std::int64_t stride_of(const scenario::ModelChoice& model, std::int64_t inputs);

}  // namespace offcut::experiment
