#pragma once

#include <string>
#include <vector>

#include "models/onnx/import.h"

namespace onnx {
class GraphProto;
}

namespace offcut::onnx {

/// Turns the inputs that ImportOptions::fix names into initialisers, in place. Returns the errors:
/// names that are no inputs, and values that an input's type can't hold. REQUIRES:
/// bind_dimensions() found no error.
std::vector<std::string> fix_inputs(::onnx::GraphProto& graph, const ImportOptions& options);

}  // namespace offcut::onnx
