#pragma once

#include "models/graph/graph.h"

namespace onnx {
class NodeProto;
}

namespace offcut::onnx {

/// Reads the node's attributes. Throws std::invalid_argument with the attribute's name if its kind
/// is not supported (subgraphs, sparse tensors). REQUIRES: check_constants().
Attributes read_attributes(const ::onnx::NodeProto& node);

/// Reads the tensor that a Constant node stands for. Throws std::invalid_argument. REQUIRES:
/// check_constants().
Tensor read_constant(const ::onnx::NodeProto& node);

}  // namespace offcut::onnx
