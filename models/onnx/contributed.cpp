// Operators of ONNX Runtime's own domain (docs/ContribOperators.md of ONNX Runtime). Fused
// operators are taken apart, so that the engine fuses them as it does those of other files; their
// parts have the fused node's name and are standard operators of any opset.
#include "models/onnx/contributed.h"

#include <fmt/format.h>
#include <onnx/onnx_pb.h>

#include <algorithm>
#include <array>
#include <map>
#include <stdexcept>
#include <vector>

#include "models/onnx/attributes.h"

namespace offcut::onnx {
namespace {

constexpr std::string_view kDomain = "com.microsoft";
constexpr std::string_view kPrefix = "com.microsoft.";

/// An operator of ONNX Runtime that its optimiser puts into ONNX's own domain.
constexpr std::string_view kSimplified = "SimplifiedLayerNormalization";

using Nodes = std::vector<::onnx::NodeProto>;

std::int64_t integer_of(const ::onnx::NodeProto& node, std::string_view name,
                        std::int64_t fallback) {
  const auto* const attribute = find_attribute(node, name);
  return attribute == nullptr ? fallback : attribute->i();
}

float number_of(const ::onnx::NodeProto& node, std::string_view name, float fallback) {
  const auto* const attribute = find_attribute(node, name);
  return attribute == nullptr ? fallback : attribute->f();
}

void remove_attributes(::onnx::NodeProto& node, std::initializer_list<std::string_view> names) {
  ::onnx::NodeProto rest = node;
  rest.clear_attribute();
  for (const auto& attribute : node.attribute()) {
    if (std::find(names.begin(), names.end(), attribute.name()) == names.end()) {
      *rest.add_attribute() = attribute;
    }
  }
  node.Swap(&rest);
}

void set_number(::onnx::NodeProto& node, const std::string& name, float value) {
  ::onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name(name);
  attribute.set_type(::onnx::AttributeProto::FLOAT);
  attribute.set_f(value);
}

/// Makes `first` the first of two nodes: its output gets a name of its own, which the second node
/// reads.
::onnx::NodeProto followed_by(const std::string& op, ::onnx::NodeProto& first) {
  ::onnx::NodeProto second;
  second.set_op_type(op);
  const std::string output = first.output(0);
  second.set_name((first.name().empty() ? output : first.name()) + "/" + op);
  const std::string between = second.name() + "/input";
  second.add_input(between);
  second.add_output(output);
  first.set_output(0, between);
  return second;
}

/// Returns a Constant with one float32, for nodes whose limits are inputs.
::onnx::NodeProto number_node(const std::string& name, float value) {
  ::onnx::NodeProto node;
  node.set_op_type("Constant");
  node.set_name(name);
  node.add_output(name);
  ::onnx::AttributeProto& attribute = *node.add_attribute();
  attribute.set_name("value");
  attribute.set_type(::onnx::AttributeProto::TENSOR);
  attribute.mutable_t()->set_data_type(::onnx::TensorProto::FLOAT);
  attribute.mutable_t()->add_float_data(value);
  return node;
}

[[noreturn]] void refuse_fused(const ::onnx::NodeProto& node, const std::string& why) {
  throw std::invalid_argument(fmt::format("layer '{}' ({}): {}", node.name(), node.op_type(), why));
}

/// Adds the activation that a fused node names, with its parameters.
void add_activation(const std::string& activation, const std::vector<float>& parameters,
                    ::onnx::NodeProto last, Nodes& nodes) {
  if (activation.empty()) {
    nodes.push_back(std::move(last));
    return;
  }
  static const std::map<std::string, std::vector<std::string>> kParameters = {
      {"Relu", {}},
      {"Sigmoid", {}},
      {"Tanh", {}},
      {"LeakyRelu", {"alpha"}},
      {"HardSigmoid", {"alpha", "beta"}},
      {"Clip", {"min", "max"}}};
  const auto known = kParameters.find(activation);
  if (known == kParameters.end() || parameters.size() > known->second.size()) {
    refuse_fused(last, fmt::format("activation '{}' with {} parameters is not supported",
                                   activation, parameters.size()));
  }
  ::onnx::NodeProto second = followed_by(activation, last);
  nodes.push_back(std::move(last));
  for (std::size_t i = 0; i < parameters.size(); ++i) {
    if (activation == "Clip") {  // From opset 11 on, which is older than these operators.
      nodes.push_back(number_node(second.name() + "/" + known->second[i], parameters[i]));
      second.add_input(nodes.back().output(0));
    } else {
      set_number(second, known->second[i], parameters[i]);
    }
  }
  nodes.push_back(std::move(second));
}

std::string text_of(const ::onnx::NodeProto& node, std::string_view name) {
  const auto* const attribute = find_attribute(node, name);
  return attribute == nullptr ? "" : attribute->s();
}

/// FusedConv: activation(Conv(X, W, B) + Z).
Nodes parts_of_conv(::onnx::NodeProto node) {
  const std::string activation = text_of(node, "activation");
  std::vector<float> parameters;
  if (const auto* const given = find_attribute(node, "activation_params")) {
    parameters.assign(given->floats().begin(), given->floats().end());
  }
  remove_attributes(node, {"activation", "activation_params"});
  node.set_op_type("Conv");
  constexpr int kSum = 3;
  const std::string added = node.input_size() > kSum ? node.input(kSum) : "";
  while (node.input_size() > kSum || (node.input_size() > 2 && node.input(2).empty())) {
    node.mutable_input()->RemoveLast();
  }
  Nodes nodes;
  if (!added.empty()) {
    ::onnx::NodeProto sum = followed_by("Add", node);
    sum.add_input(added);
    nodes.push_back(std::move(node));
    node = std::move(sum);
  }
  add_activation(activation, parameters, std::move(node), nodes);
  return nodes;
}

/// FusedGemm: activation(Gemm(A, B, C)).
Nodes parts_of_gemm(::onnx::NodeProto node) {
  const std::string activation = text_of(node, "activation");
  std::vector<float> parameters;
  const std::array<std::string, 3> names = {"activation_alpha", "activation_beta",
                                            "activation_gamma"};
  for (const std::string& name : names) {
    if (const auto* const given = find_attribute(node, name)) {
      parameters.push_back(given->f());
    }
  }
  remove_attributes(node, {"activation", names[0], names[1], names[2]});
  node.set_op_type("Gemm");
  Nodes nodes;
  add_activation(activation, parameters, std::move(node), nodes);
  return nodes;
}

/// FusedMatMul: alpha * A' B'. Without factor and transposition it is a MatMul.
::onnx::NodeProto matmul_of(::onnx::NodeProto node) {
  bool plain = number_of(node, "alpha", 1) == 1;
  for (const std::string_view name : {"transA", "transB", "transBatchA", "transBatchB"}) {
    plain = plain && integer_of(node, name, 0) == 0;
  }
  if (plain) {
    node.clear_attribute();
    node.set_op_type("MatMul");
  } else {
    node.set_op_type(fmt::format("{}FusedMatMul", kPrefix));
  }
  return node;
}

/// Returns whether the operator is the standard one of the same name, with more types.
bool repeats_standard(const ::onnx::NodeProto& node) {
  constexpr std::array<std::string_view, 7> kSame = {
      "QuantizeLinear", "DequantizeLinear", "GatherND",   "Trilu",
      "Unique",         "GridSample",       "QLinearConv"};
  return std::find(kSame.begin(), kSame.end(), node.op_type()) != kSame.end() &&
         integer_of(node, "channels_last", 0) == 0;
}

Nodes standard_nodes(::onnx::NodeProto node) {
  const std::string op = node.op_type();
  node.clear_domain();
  if (op == "FusedConv") {
    return parts_of_conv(std::move(node));
  }
  if (op == "FusedGemm") {
    return parts_of_gemm(std::move(node));
  }
  if (op == "FusedMatMul" || op == "TransposeMatMul") {
    return {matmul_of(std::move(node))};
  }
  if (repeats_standard(node)) {
    remove_attributes(node, {"channels_last"});
    return {node};
  }
  node.set_op_type(fmt::format("{}{}", kPrefix, op));
  return {node};
}

}  // namespace

void rewrite_contributed(::onnx::GraphProto& graph) {
  const auto& all = graph.node();
  if (std::none_of(all.begin(), all.end(),
                   [](const auto& node) { return node.domain() == kDomain; })) {
    return;
  }
  google::protobuf::RepeatedPtrField<::onnx::NodeProto> nodes;
  nodes.Swap(graph.mutable_node());
  for (::onnx::NodeProto& node : nodes) {
    if (node.domain() != kDomain) {
      *graph.add_node() = std::move(node);
      continue;
    }
    for (::onnx::NodeProto& made : standard_nodes(std::move(node))) {
      *graph.add_node() = std::move(made);
    }
  }
}

bool is_contributed(std::string_view op) { return op.starts_with(kPrefix) || op == kSimplified; }

void set_operator(const std::string& op_name, ::onnx::NodeProto& node) {
  if (op_name.starts_with(kPrefix)) {
    node.set_domain(std::string(kDomain));
    node.set_op_type(op_name.substr(kPrefix.size()));
  } else {
    node.set_op_type(op_name);
  }
}

}  // namespace offcut::onnx
