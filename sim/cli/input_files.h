#pragma once

#include <string>
#include <vector>

#include "models/base/error.h"
#include "models/exec/segment.h"

namespace offcut::cli {

/// Reads the values of the network's inputs from texts NAME=FILE, or FILE if there is one input.
/// Adds a diagnostic for each input that is unknown, given twice, missing, or of another type or
/// shape than the network's, and for each file that can't be read.
exec::TensorMap read_inputs(const Graph& graph, const std::vector<std::string>& texts,
                            std::vector<Diagnostic>& diagnostics);

}  // namespace offcut::cli
