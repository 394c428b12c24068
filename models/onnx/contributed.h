#pragma once

#include <string>
#include <string_view>

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace offcut::onnx {

// Operators of ONNX Runtime's own domain, com.microsoft. A layer's op_name and the registry have
// them under their domain: com.microsoft.Gelu.

/// Rewrites the nodes of this domain. Those that are a standard operator with an activation or a
/// scale (FusedConv, FusedGemm, FusedMatMul) become standard nodes, and so do those that only
/// repeat a standard operator. The others get their domain as part of their name. Throws
/// std::invalid_argument for attributes that have no standard form.
void rewrite_contributed(::onnx::GraphProto& graph);

/// Returns whether the operator is not part of ONNX: its library knows neither schema nor shapes.
bool is_contributed(std::string_view op);

/// Sets the node's operator and domain from a layer's name for it.
void set_operator(const std::string& op_name, ::onnx::NodeProto& node);

}  // namespace offcut::onnx
