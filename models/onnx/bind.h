#pragma once

#include <string>
#include <vector>

#include "models/onnx/import.h"

namespace onnx {
class GraphProto;
class ValueInfoProto;
}  // namespace onnx

namespace offcut::onnx {

/// Gives every dimension of the inputs an extent, in place. Returns what is wrong with them or the
/// bindings, a text for each error. An input that also is an initialiser is none.
std::vector<std::string> bind_dimensions(::onnx::GraphProto& graph, const ImportOptions& options);

/// The type of an input. Throws std::invalid_argument, naming it, where it is no tensor of a type
/// that we have. REQUIRES: its dimensions are bound.
TensorType input_type(const ::onnx::ValueInfoProto& input);

}  // namespace offcut::onnx
