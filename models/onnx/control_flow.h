#pragma once

#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "models/onnx/fold.h"

namespace onnx {
class GraphProto;
class NodeProto;
}  // namespace onnx

namespace offcut::onnx {

/// A graph that is being built, from the point of view of control flow.
class GraphInProgress {
 public:
  virtual ~GraphInProgress() = default;

  /// Returns whether there is a tensor of this name yet.
  virtual bool has(const std::string& name) const = 0;

  /// Returns the tensor's value if it is a constant, else null. Throws std::invalid_argument if it
  /// can't be computed.
  virtual const Tensor* constant_value(const std::string& name) const = 0;

  /// Returns the type of a tensor that exists.
  virtual const TensorType& type(const std::string& name) const = 0;

  /// Returns whether the tensor is computed from an input with a single element: a parameter of the
  /// network, such as a sample rate, that the user can fix.
  virtual bool follows_from_scalar(const std::string& name) const = 0;

  virtual void define(const std::string& name, Constant constant) = 0;

  /// Adds nodes, each of which reads tensors that exist by then. Their outputs are needed only if
  /// one of them reads them or they are in `kept`. Throws std::invalid_argument with the node's
  /// name.
  virtual void add(const std::vector<::onnx::NodeProto>& nodes,
                   const std::vector<std::string>& kept) = 0;
};

/// Returns whether ControlFlow supports the operator.
bool is_control_flow(std::string_view op);

/// Replaces control flow by layers: an If with a constant condition by the branch that it takes, an
/// If whose condition is computed from data by both branches and a choice between their results, a
/// Loop whose number of passes follows from constants, or a Scan, whose number of passes is an
/// extent, by its passes.
class ControlFlow {
 public:
  ControlFlow(GraphInProgress& graph, Weights& weights, const Registry<ops::Operator>& operators,
              int opset)
      : graph_(graph), weights_(weights), operators_(operators), opset_(opset) {}

  /// Adds the node's layers and makes its outputs. Throws std::invalid_argument if it depends on
  /// the inputs, is malformed, or has too many passes. REQUIRES: is_control_flow().
  void add(const ::onnx::NodeProto& node);

 private:
  using Names = std::vector<std::string>;

  void add_if(const ::onnx::NodeProto& node);
  void add_both_branches(const ::onnx::NodeProto& node);
  Names add_branch(const ::onnx::NodeProto& node, const std::string& branch,
                   const std::string& scope, const Names& wanted);
  void add_loop(const ::onnx::NodeProto& node);
  void add_scan(const ::onnx::NodeProto& node);

  /// Checks and returns the node's subgraph, and defines its initialisers under `scope`.
  ::onnx::GraphProto take_body(const ::onnx::NodeProto& node, const std::string& attribute,
                               const std::string& scope);

  /// Adds the body's layers and returns the names of its outputs. Outputs that its layers make get
  /// their names from `wanted`, if it has any.
  Names add_body(const ::onnx::GraphProto& body, const std::string& scope,
                 const std::string& prefix, std::map<std::string, std::string> bound,
                 const Names& wanted);
  void alias(const std::string& from, const std::string& to, const std::string& prefix);

  /// Joins tensors along a new axis.
  void stack(const Names& parts, const std::string& output, const std::string& prefix,
             std::int64_t axis);

  GraphInProgress& graph_;
  Weights& weights_;
  const Registry<ops::Operator>& operators_;
  int opset_;
  int layers_ = 0;  // Layers from subgraphs so far.
};

}  // namespace offcut::onnx
