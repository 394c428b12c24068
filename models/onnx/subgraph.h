#pragma once

#include <map>
#include <string>
#include <vector>

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace offcut::onnx {

/// Returns the nodes of a control-flow layer's subgraph as nodes of the graph around it. Nodes get
/// the prefix, and tensors their names in `names`; other tensors come from outside and keep theirs.
std::vector<::onnx::NodeProto> inlined_nodes(const ::onnx::GraphProto& body,
                                             const std::string& prefix,
                                             const std::map<std::string, std::string>& names);

}  // namespace offcut::onnx
