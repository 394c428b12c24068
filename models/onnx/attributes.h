#pragma once

#include "models/graph/graph.h"

namespace onnx {
class NodeProto;
}

namespace offcut::onnx {

/// The node's attributes. Throws std::invalid_argument, naming the attribute, where one is of a
/// kind that we don't have (subgraphs, sparse tensors). REQUIRES:
/// check_constants().
Attributes read_attributes(const ::onnx::NodeProto& node);

/// The tensor that a Constant node stands for. Throws std::invalid_argument. REQUIRES:
/// check_constants().
Tensor read_constant(const ::onnx::NodeProto& node);

}  // namespace offcut::onnx
