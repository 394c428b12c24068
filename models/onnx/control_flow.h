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

/// A graph that is being built, as control flow sees it.
class GraphUnderWay {
 public:
  virtual ~GraphUnderWay() = default;

  /// Whether there is a tensor of that name by now.
  virtual bool has(const std::string& name) const = 0;

  /// The tensor's value where it is a constant, else null. Throws std::invalid_argument where it
  /// can't be computed.
  virtual const Tensor* constant_value(const std::string& name) const = 0;

  virtual void define(const std::string& name, Constant constant) = 0;

  /// Adds nodes, each of which reads what is there by then. What they make is needed only where one
  /// of them reads it or it is to be kept. Throws std::invalid_argument with the node's name.
  virtual void add(const std::vector<::onnx::NodeProto>& nodes,
                   const std::vector<std::string>& kept) = 0;
};

/// Whether ControlFlow knows the operator.
bool is_control_flow(std::string_view op);

/// Replaces control flow that does not depend on the network's inputs by the layers that it
/// chooses: If whose condition is a constant, Loop whose number of passes follows from constants.
class ControlFlow {
 public:
  ControlFlow(GraphUnderWay& graph, Weights& weights, const Registry<ops::Operator>& operators,
              int opset)
      : graph_(graph), weights_(weights), operators_(operators), opset_(opset) {}

  /// Adds the node's layers and makes its outputs. Throws std::invalid_argument where it depends
  /// on the inputs, is malformed, or has too many passes. REQUIRES: is_control_flow().
  void add(const ::onnx::NodeProto& node);

 private:
  using Names = std::vector<std::string>;

  void add_if(const ::onnx::NodeProto& node);
  void add_loop(const ::onnx::NodeProto& node);

  /// The node's subgraph, checked, with its initialisers defined under the node's name.
  ::onnx::GraphProto take_body(const ::onnx::NodeProto& node, const std::string& attribute);

  /// Adds the body's layers and returns what its outputs are called. Those that its layers make get
  /// their names from `wanted`, where it has them.
  Names add_body(const ::onnx::GraphProto& body, const std::string& node, const std::string& prefix,
                 std::map<std::string, std::string> bound, const Names& wanted);
  void alias(const std::string& from, const std::string& to, const std::string& prefix);
  void stack(const Names& parts, const std::string& output, const std::string& prefix);

  GraphUnderWay& graph_;
  Weights& weights_;
  const Registry<ops::Operator>& operators_;
  int opset_;
  int layers_ = 0;  // that came out of subgraphs
};

}  // namespace offcut::onnx
