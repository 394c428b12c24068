#include <doctest/doctest.h>
#include <fmt/format.h>
#include <google/protobuf/unknown_field_set.h>

#include "models/exec/segment.h"
#include "tests/models/onnx/model.h"

namespace offcut::onnx::functions_test {
namespace {

const std::vector<std::string> kInput = {"x"};
const std::vector<std::string> kOutput = {"y"};

/// Adds a function of one input and one output, both of which the caller's nodes name x and y.
::onnx::FunctionProto& add_function(OnnxModel& model, const std::string& name) {
  ::onnx::FunctionProto& function = *model.proto.add_functions();
  function.set_name(name);
  function.set_domain("local");
  function.mutable_input()->Add(kInput.begin(), kInput.end());
  function.mutable_output()->Add(kOutput.begin(), kOutput.end());
  return function;
}

::onnx::NodeProto& add_node(::onnx::FunctionProto& function, const std::string& op,
                            const OnnxModel::Names& inputs, const OnnxModel::Names& outputs) {
  ::onnx::NodeProto& node = *function.add_node();
  node.set_op_type(op);
  node.mutable_input()->Add(inputs.begin(), inputs.end());
  node.mutable_output()->Add(outputs.begin(), outputs.end());
  return node;
}

/// Makes the node's attribute the function's attribute of that name.
void refer(::onnx::NodeProto& node, const std::string& attribute, const std::string& outer) {
  OnnxModel::attribute(node, attribute, ::onnx::AttributeProto::FLOAT).set_ref_attr_name(outer);
}

std::vector<float> run_on(const Graph& graph, const std::vector<float>& x) {
  const Tensor given({static_cast<std::int64_t>(x.size())}, std::span<const float>(x));
  const auto left = exec::run(graph, exec::whole(graph), {{graph.inputs().front(), given}});
  const Tensor& y = left.at(graph.outputs().front());
  return {y.values<float>().begin(), y.values<float>().end()};
}

/// Returns a model of two calls of Steep, a LeakyRelu of slope `slope`: the first one omits it.
OnnxModel two_calls() {
  OnnxModel model;
  model.input("x", {3}).output("z", {3});
  ::onnx::FunctionProto& steep = add_function(model, "Steep");
  steep.add_attribute("slope");
  refer(add_node(steep, "LeakyRelu", {"x"}, {"inner"}), "alpha", "slope");
  add_node(steep, "Neg", {"inner"}, {"y"});
  model.node("Steep", {"x"}, {"a"}, "one").set_domain("local");
  ::onnx::NodeProto& call = model.node("Steep", {"a"}, {"z"}, "two");
  call.set_domain("local");
  OnnxModel::attribute(call, "slope", ::onnx::AttributeProto::FLOAT).set_f(0.5F);
  return model;
}

}  // namespace

TEST_CASE("functions: calls become layers, with the attributes of the call or the operator") {
  const Graph graph = two_calls().import();
  CHECK(graph.layer_count() == 4);
  CHECK(graph.find_layer("one/LeakyRelu").has_value());
  CHECK(graph.find_tensor("two/inner").has_value());
  // Without a slope it is LeakyRelu's own, 0.01: 2, -1 -> -2, 0.01 -> -1, 0.01 -> 0.5 * -2 ...
  const std::vector<float> z = run_on(graph, {2, -1, 0});
  CHECK(z[0] == 1);
  CHECK(z[1] == doctest::Approx(-0.01));
}

TEST_CASE("functions: the default of an attribute") {
  OnnxModel model = two_calls();
  // Field 11 of a function, which is newer than the library's classes, has the defaults.
  ::onnx::AttributeProto fallback;
  fallback.set_name("slope");
  fallback.set_type(::onnx::AttributeProto::FLOAT);
  fallback.set_f(0.25F);
  model.proto.mutable_functions(0)->mutable_unknown_fields()->AddLengthDelimited(
      11, fallback.SerializeAsString());
  // -4 -> -1 -> 1 by the default; 1 -> 1 -> -1 by the second call.
  CHECK(run_on(model.import(), {-4, 8, 0}) == std::vector<float>{-1, 4, 0});
}

TEST_CASE("functions: nested calls, omitted inputs and outputs that are inputs") {
  OnnxModel model;
  model.input("x", {2}).output("z", {2}).output("same", {2});
  ::onnx::FunctionProto& outer = add_function(model, "Outer");
  outer.add_input("high");
  outer.add_output("unchanged");
  add_node(outer, "Inner", {"x", "", "high"}, {"y"}).set_domain("local");
  add_node(outer, "Identity", {"x"}, {"unchanged"});
  ::onnx::FunctionProto& inner = add_function(model, "Inner");
  inner.add_input("low");
  inner.add_input("high");
  add_node(inner, "Clip", {"x", "low", "high"}, {"y"});
  model.floats("six", {}, {6});
  model.node("Outer", {"x", "six"}, {"z", "same"}, "call").set_domain("local");
  const Graph graph = model.import();
  CHECK(run_on(graph, {-3, 9}) == std::vector<float>{-3, 6});
  CHECK(graph.find_layer("call/Inner/Clip").has_value());
  CHECK(graph.outputs().size() == 2);
}

TEST_CASE("functions: calls that cannot be expanded") {
  OnnxModel cycle;
  cycle.input("x", {2}).output("z", {2});
  add_node(add_function(cycle, "Again"), "Again", {"x"}, {"y"}).set_domain("local");
  cycle.node("Again", {"x"}, {"z"}, "call").set_domain("local");
  CHECK(cycle.refusal() == "the function 'Again' calls itself");
  OnnxModel inputs = two_calls();
  inputs.graph().mutable_node(0)->mutable_input()->Add(kInput.begin(), kInput.end());
  CHECK(inputs.refusal() ==
        "layer 'one' (Steep) has 2 inputs and 1 outputs, but its function takes 1 and makes 1");
  // Each function calls the one before it ten times: 10^6 layers.
  OnnxModel many;
  many.input("x", {2}).output("z", {2});
  for (int level = 0; level < 7; ++level) {
    ::onnx::FunctionProto& function = add_function(many, fmt::format("F{}", level));
    for (int i = 0; i < 10; ++i) {
      ::onnx::NodeProto& node = add_node(
          function, level == 0 ? "Relu" : fmt::format("F{}", level - 1),
          {i == 0 ? "x" : fmt::format("t{}", i)}, {i == 9 ? "y" : fmt::format("t{}", i + 1)});
      node.set_domain(level == 0 ? "" : "local");
    }
  }
  many.node("F6", {"x"}, {"z"}, "call").set_domain("local");
  CHECK(many.refusal() == "the model's functions expand to more than 100000 layers");
}

}  // namespace offcut::onnx::functions_test
