// Compares offcut's view of a model with that of ONNX's own library: its checker examines each
// node, and its shape inference runs on a graph of each single layer, whose output types must agree
// with ours.
#include "models/onnx/second_opinion.h"

#include <fmt/format.h>
#include <google/protobuf/stubs/logging.h>
#include <onnx/checker.h>
#include <onnx/onnx_pb.h>
#include <onnx/shape_inference/implementation.h>

#include <algorithm>
#include <optional>
#include <set>
#include <stdexcept>

#include "models/onnx/contributed.h"
#include "models/onnx/control_flow.h"
#include "models/onnx/newer_schemas.h"
#include "models/onnx/structure.h"
#include "models/onnx/tensors.h"

namespace offcut::onnx {
namespace {

/// Returns libonnx's message without its context of several lines and without the node's name, with
/// which it may begin.
std::string shortened(const std::string& message, const std::string& node_name) {
  std::string text = message.substr(0, message.find('\n'));
  const std::string prefix = fmt::format("Node ({}) ", node_name);
  return text.starts_with(prefix) ? text.substr(prefix.size()) : text;
}

/// Inferred types may depend on small integer constants: shapes, axes and paddings.
constexpr std::int64_t kShapeLike = 64;

bool is_shape_like(const TensorNode& tensor) {
  const bool integer = tensor.type.type == DataType::int64 || tensor.type.type == DataType::int32;
  return tensor.is_parameter() && integer && tensor.type.shape.size() <= 1 &&
         elements(tensor.type.shape) <= kShapeLike;
}

void describe_input(const TensorNode& tensor, ::onnx::GraphProto& probe) {
  ::onnx::ValueInfoProto& input = *probe.add_input();
  input.set_name(tensor.name);
  auto& type = *input.mutable_type()->mutable_tensor_type();
  type.set_elem_type(onnx_type(tensor.type.type));
  type.mutable_shape();  // A scalar has a shape without dimensions.
  for (const std::int64_t extent : tensor.type.shape) {
    type.mutable_shape()->add_dim()->set_dim_value(extent);
  }
  if (is_shape_like(tensor)) {
    const Tensor& value = tensor.parameter->value();
    ::onnx::TensorProto& known = *probe.add_initializer();
    known.set_name(tensor.name);
    known.set_data_type(onnx_type(tensor.type.type));
    known.mutable_dims()->Add(tensor.type.shape.begin(), tensor.type.shape.end());
    known.set_raw_data(value.bytes().data(), value.bytes().size());
  }
}

/// Makes a graph of only this node, with our names and types for its inputs.
::onnx::GraphProto probe_of(const Graph& graph, const Layer& layer, const ::onnx::NodeProto& node) {
  ::onnx::GraphProto probe;
  ::onnx::NodeProto& copy = *probe.add_node() = node;
  copy.clear_input();
  copy.clear_output();
  std::set<TensorId> described;
  for (const TensorId input : layer.inputs) {
    copy.add_input(input == kAbsent ? "" : graph.tensor(input).name);
    if (input != kAbsent && described.insert(input).second) {
      describe_input(graph.tensor(input), probe);
    }
  }
  for (const TensorId output : layer.outputs) {
    copy.add_output(graph.tensor(output).name);
  }
  return probe;
}

std::optional<TensorType> complete_type(const ::onnx::ValueInfoProto& info) {
  const auto& type = info.type().tensor_type();
  const auto& dims = type.shape().dim();
  if (!info.type().has_tensor_type() || !type.has_shape() ||
      !std::all_of(dims.begin(), dims.end(), [](const auto& dim) { return dim.has_dim_value(); })) {
    return std::nullopt;
  }
  TensorType complete{data_type(type.elem_type()), {}};
  for (const auto& dim : dims) {
    complete.shape.push_back(dim.dim_value());
  }
  return complete;
}

/// Up to ONNX 1.12, the shape inference of poolings with ceil_mode counts windows that lie entirely
/// in the padding, which no framework computes.
bool is_known_wrong(const Layer& layer) { return layer.attributes.integer("ceil_mode", 0) != 0; }

void infer(::onnx::GraphProto& probe, int opset) {
  const google::protobuf::LogSilencer silence;
  // The lenient mode: if ONNX's library can't infer a type, it omits it and does not throw.
  ::onnx::shape_inference::InferShapes(&probe, {{"", opset}}, &schemas());
}

}  // namespace

void check_with_onnx(const ::onnx::GraphProto& graph, int opset) {
  const google::protobuf::LogSilencer silence;
  ::onnx::checker::CheckerContext context;
  context.set_ir_version(::onnx::IR_VERSION);
  context.set_opset_imports({{"", opset}});
  context.set_schema_registry(&schemas());
  for (const ::onnx::NodeProto& node : graph.node()) {
    if (is_control_flow(node.op_type()) || is_contributed(node.op_type())) {
      continue;
    }
    try {
      ::onnx::checker::check_node(node, context, {});
    } catch (const std::exception& error) {
      throw std::invalid_argument(
          fmt::format("{}: {}", layer_text(node), shortened(error.what(), node.name())));
    }
  }
}

void compare_with_onnx(const Graph& graph, LayerId id, const ::onnx::NodeProto& node) {
  const Layer& layer = graph.layer(id);
  if (is_known_wrong(layer) || is_contributed(layer.op_name)) {
    return;
  }
  ::onnx::GraphProto probe = probe_of(graph, layer, node);
  try {
    infer(probe, layer.opset);
  } catch (const std::exception& error) {
    throw std::invalid_argument(
        fmt::format("{}: {}", layer_text(node), shortened(error.what(), node.name())));
  }
  for (const ::onnx::ValueInfoProto& info : probe.value_info()) {
    const auto theirs = complete_type(info);
    const auto tensor = graph.find_tensor(info.name());
    if (theirs && tensor && *theirs != graph.tensor(*tensor).type) {
      throw std::invalid_argument(fmt::format(
          "{}: offcut infers {} for '{}', but ONNX's shape inference {}", layer_text(node),
          to_text(graph.tensor(*tensor).type), info.name(), to_text(*theirs)));
    }
  }
}

}  // namespace offcut::onnx
