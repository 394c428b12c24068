#pragma once

#include <string>

#include "models/dataset/samples.h"
#include "models/graph/graph.h"

namespace offcut::train {

/// Returns the loss for the samples if none is named: `distillation` with a teacher, `mse` for
/// targets, `binary-cross-entropy` for a single output, `cross-entropy` otherwise.
std::string default_loss(const Graph& network, const dataset::Samples& samples, bool has_teacher);

}  // namespace offcut::train
