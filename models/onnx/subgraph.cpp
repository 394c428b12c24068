// Renames the nodes and tensors of a subgraph so that they fit into the graph around it. Nested
// subgraphs may read the renamed tensors, except for names that they define themselves.
#include "models/onnx/subgraph.h"

#include <onnx/onnx_pb.h>

namespace offcut::onnx {
namespace {

using Names = std::map<std::string, std::string>;

void rename(std::string& name, const Names& names) {
  if (const auto found = names.find(name); found != names.end()) {
    name = found->second;
  }
}

void rename_captured(::onnx::GraphProto& body, Names names);

void rename_reads(::onnx::NodeProto& node, const Names& names) {
  for (std::string& input : *node.mutable_input()) {
    rename(input, names);
  }
  for (::onnx::AttributeProto& attribute : *node.mutable_attribute()) {
    if (attribute.has_g()) {
      rename_captured(*attribute.mutable_g(), names);
    }
  }
}

/// Renames the tensors that the subgraph reads from outside. A tensor of the same name that it
/// makes itself is another one.
void rename_captured(::onnx::GraphProto& body, Names names) {
  for (const auto& input : body.input()) {
    names.erase(input.name());
  }
  for (const auto& tensor : body.initializer()) {
    names.erase(tensor.name());
  }
  for (::onnx::NodeProto& node : *body.mutable_node()) {
    rename_reads(node, names);
    for (const std::string& output : node.output()) {
      names.erase(output);
    }
  }
  for (auto& output : *body.mutable_output()) {
    rename(*output.mutable_name(), names);
  }
}

}  // namespace

std::vector<::onnx::NodeProto> inlined_nodes(const ::onnx::GraphProto& body,
                                             const std::string& prefix, const Names& names) {
  std::vector<::onnx::NodeProto> nodes(body.node().begin(), body.node().end());
  for (::onnx::NodeProto& node : nodes) {
    node.set_name(prefix + node.name());
    rename_reads(node, names);
    for (std::string& output : *node.mutable_output()) {
      rename(output, names);
    }
  }
  return nodes;
}

}  // namespace offcut::onnx
