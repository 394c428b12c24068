#pragma once

#include <string>
#include <vector>

#include "models/onnx/import.h"

namespace onnx {
class TensorShapeProto_Dimension;
class GraphProto;
class ValueInfoProto;
}  // namespace onnx

namespace offcut::onnx {

/// Returns whether the file states the extent. Exporters write an unknown one as no value, or as
/// -1.
bool has_extent(const ::onnx::TensorShapeProto_Dimension& dim);

/// Returns the inputs that are not initialisers, which a file may list as inputs, too.
std::vector<::onnx::ValueInfoProto*> real_inputs(::onnx::GraphProto& graph);

/// Gives every dimension of the inputs an extent, in place. Returns the errors in them or in the
/// bindings. An initialiser that is listed as an input does not count as one.
std::vector<std::string> bind_dimensions(::onnx::GraphProto& graph, const ImportOptions& options);

/// Returns the type of an input. Throws std::invalid_argument with its name if it is not a tensor
/// of a supported type. REQUIRES: its dimensions are bound.
TensorType input_type(const ::onnx::ValueInfoProto& input);

}  // namespace offcut::onnx
