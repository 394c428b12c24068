#pragma once

#include <string_view>

#include "models/graph/graph.h"

namespace onnx {
class AttributeProto;
class NodeProto;
}  // namespace onnx

namespace offcut::onnx {

/// Returns the node's attribute of this name; null without one.
const ::onnx::AttributeProto* find_attribute(const ::onnx::NodeProto& node, std::string_view name);
::onnx::AttributeProto* find_attribute(::onnx::NodeProto& node, std::string_view name);

/// Reads the node's attributes. Throws std::invalid_argument with the attribute's name if its kind
/// is not supported (subgraphs, sparse tensors). REQUIRES: check_constants().
Attributes read_attributes(const ::onnx::NodeProto& node);

/// Reads the tensor that a Constant node stands for. Throws std::invalid_argument. REQUIRES:
/// check_constants().
Tensor read_constant(const ::onnx::NodeProto& node);

}  // namespace offcut::onnx
