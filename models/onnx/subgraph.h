#pragma once

#include <map>
#include <string>
#include <vector>

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace offcut::onnx {

/// The nodes of a control-flow layer's subgraph as nodes of the graph around it: their own names
/// get the prefix, tensors the names that `names` gives them; what it does not name comes from
/// outside and keeps its name.
std::vector<::onnx::NodeProto> inlined_nodes(const ::onnx::GraphProto& body,
                                             const std::string& prefix,
                                             const std::map<std::string, std::string>& names);

}  // namespace offcut::onnx
