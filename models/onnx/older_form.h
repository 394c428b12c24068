#pragma once

#include <onnx/onnx_pb.h>

#include <optional>
#include <string>
#include <vector>

#include "models/base/registry.h"
#include "models/onnx/control_flow.h"

namespace offcut::onnx {

/// A node of an opset from 1 to 6 on its way to opset 7. Forms change `node` in place, and may add
/// nodes that come before it.
class OlderNode {
 public:
  OlderNode(::onnx::NodeProto original, int opset_of_file, GraphInProgress& in_progress)
      : node(std::move(original)), opset(opset_of_file), graph(in_progress) {}

  ::onnx::NodeProto node;
  const int opset;
  GraphInProgress& graph;
  std::vector<::onnx::NodeProto> before;

  /// Returns the attribute, or null.
  const ::onnx::AttributeProto* attribute(const std::string& name) const;
  std::int64_t integer(const std::string& name, std::int64_t fallback) const;
  void remove(const std::string& attribute);
  void rename(const std::string& attribute, const std::string& new_name);
  void set_integer(const std::string& attribute, std::int64_t value);
  void set_integers(const std::string& attribute, const std::vector<std::int64_t>& values);

  /// Defines a constant list and makes it an input of the node, or of one before it.
  void add_input(const std::string& suffix, const std::vector<std::int64_t>& values);

  /// Replaces an input by its reshaped form.
  void reshape_input(int index, const std::vector<std::int64_t>& shape);
};

/// The rewriting of an operator whose form differs from that of opset 7.
struct OlderForm {
  std::string name;  // The operator.
  int until = 6;     // The last opset with this form.
  void (*rewrite)(OlderNode&);
};

void register_older_forms(
    Registry<OlderForm>& registry);  // Generated from models/onnx/older/*.cpp.

/// Returns nodes of opset 7 that compute what a node of an older opset does. Throws
/// std::invalid_argument if there are none. REQUIRES: the tensors that it reads exist.
std::vector<::onnx::NodeProto> in_opset_7(const ::onnx::NodeProto& node, int opset,
                                          GraphInProgress& graph);

}  // namespace offcut::onnx
