#include "models/onnx/import.h"

#include <doctest/doctest.h>

#include <optional>

#include "models/exec/segment.h"
#include "tests/models/onnx/model.h"
#include "tests/models/ops/one_layer.h"

namespace offcut::onnx::import_test {
namespace {

std::vector<std::string> layer_names(const Graph& graph) {
  std::vector<std::string> names;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    names.push_back(graph.layer(id).name);
  }
  return names;
}

/// Runs a graph with one input and returns its only output.
std::vector<float> result(const Graph& graph, const Tensor& input) {
  return ops::values(exec::run(graph, exec::whole(graph), {{graph.inputs().front(), input}})
                         .at(graph.outputs().front()));
}

}  // namespace

TEST_CASE("import: a layer, its tensors and its types") {
  const Graph graph = relu({2, 5}).import();
  CHECK(graph.name() == "m");
  REQUIRE(graph.layer_count() == 1);
  CHECK(graph.layer(0).name == "act");
  CHECK(graph.layer(0).op_name == "Relu");
  CHECK(graph.tensor(*graph.find_tensor("x")).type == TensorType{DataType::float32, {2, 5}});
  CHECK(graph.outputs() == std::vector{*graph.find_tensor("y")});
}

TEST_CASE("import: initialisers become parameters that are decoded on first use") {
  OnnxModel model;
  model.input("x", {2}).output("y", {2});
  model.floats("w", {2}, {10, 20});
  model.node("Add", {"x", "w"}, {"y"});
  const Graph graph = model.import();
  const TensorNode& w = graph.tensor(*graph.find_tensor("w"));
  REQUIRE(w.is_parameter());
  CHECK(!w.parameter->made());
  CHECK(result(graph, ops::floats({2}, {1, 2})) == std::vector<float>{11, 22});
  CHECK(w.parameter->made());
  CHECK(result(graph, ops::floats({2}, {0, 0})) == std::vector<float>{10, 20});
  CHECK(graph.layer(0).work.parameters == 2);
}

TEST_CASE("import: an initialiser that is listed as an input is not one") {
  OnnxModel model;
  model.proto.set_ir_version(3);
  model.input("w", {2}).input("x", {2}).output("y", {2});
  model.floats("w", {2}, {10, 20});
  model.node("Add", {"x", "w"}, {"y"});
  const Graph graph = model.import();
  REQUIRE(graph.inputs().size() == 1);
  CHECK(graph.tensor(graph.inputs().front()).name == "x");
  CHECK(result(graph, ops::floats({2}, {1, 2})) == std::vector<float>{11, 22});
}

TEST_CASE("import: an Identity is another name for the same tensor") {
  OnnxModel model;
  model.input("x", {2}).output("y", {2});
  model.floats("w", {2}, {10, 20});
  model.node("Identity", {"w"}, {"shared"});
  model.node("Identity", {"shared"}, {"shared again"});
  model.node("Add", {"x", "w"}, {"a"}, "one");
  model.node("Identity", {"a"}, {"b"});
  model.node("Add", {"b", "shared again"}, {"y"}, "two");
  const Graph graph = model.import();
  CHECK(layer_names(graph) == std::vector<std::string>{"one", "two"});
  CHECK(graph.layer(0).inputs[1] == graph.layer(1).inputs[1]);
  // The weights count once.
  CHECK(graph.total_work().parameters == 2);
  CHECK(result(graph, ops::floats({2}, {1, 2})) == std::vector<float>{21, 42});
}

TEST_CASE("import: an Identity that makes an output stays, so that the output's name exists") {
  OnnxModel model;
  model.input("x", {2}).output("y", {2}).output("z", {2});
  model.node("Relu", {"x"}, {"a"}, "act");
  model.node("Identity", {"a"}, {"y"}, "same");
  model.node("Tanh", {"y"}, {"z"}, "tanh");
  const Graph graph = model.import();
  CHECK(layer_names(graph) == std::vector<std::string>{"act", "same", "tanh"});
  CHECK(graph.outputs() == std::vector{*graph.find_tensor("y"), *graph.find_tensor("z")});
}

TEST_CASE("import: a model of only an Identity") {
  OnnxModel model;
  model.input("x", {2}).output("y", {2});
  model.node("Identity", {"x"}, {"y"}, "same");
  CHECK(result(model.import(), ops::floats({2}, {1, 2})) == std::vector<float>{1, 2});
}

TEST_CASE("import: the bounds of a Clip as Constant nodes") {
  OnnxModel model;
  model.input("x", {3}).output("y", {3});
  model.constant("low", {}, {-1});
  OnnxModel::attribute(model.node("Constant", {}, {"high"}), "value_float",
                       ::onnx::AttributeProto::FLOAT)
      .set_f(2);
  model.node("Clip", {"x", "low", "high"}, {"y"}, "clip");
  const Graph graph = model.import();
  CHECK(layer_names(graph) == std::vector<std::string>{"clip"});
  CHECK(result(graph, ops::floats({3}, {-5, 0.5, 5})) == std::vector<float>{-1, 0.5, 2});
}

TEST_CASE("import: every form of Constant") {
  OnnxModel model;
  model.input("x", {1, 2}).output("y", {2, 1});
  auto& shape = OnnxModel::attribute(model.node("Constant", {}, {"shape"}), "value_ints",
                                     ::onnx::AttributeProto::INTS);
  shape.add_ints(2);
  shape.add_ints(1);
  auto& scale = OnnxModel::attribute(model.node("Constant", {}, {"scale"}), "value_floats",
                                     ::onnx::AttributeProto::FLOATS);
  scale.add_floats(3);
  scale.add_floats(4);
  model.node("Mul", {"x", "scale"}, {"a"});
  model.node("Reshape", {"a", "shape"}, {"y"});
  CHECK(result(model.import(), ops::floats({1, 2}, {1, 2})) == std::vector<float>{3, 8});
  // A single integer.
  OnnxModel one;
  one.input("x", {2}, ::onnx::TensorProto::INT64).output("y", {2}, ::onnx::TensorProto::INT64);
  OnnxModel::attribute(one.node("Constant", {}, {"c"}), "value_int", ::onnx::AttributeProto::INT)
      .set_i(5);
  one.node("Add", {"x", "c"}, {"y"});
  CHECK(one.import().tensor(1).type == TensorType{DataType::int64, {}});
  // A value that is not a tensor of numbers.
  OnnxModel text;
  text.input("x", {2}).output("y", {2});
  OnnxModel::attribute(text.node("Constant", {}, {"c"}, "words"), "value_string",
                       ::onnx::AttributeProto::STRING)
      .set_s("five");
  text.node("Add", {"x", "c"}, {"y"});
  CHECK(text.refusal() == "layer 'words' (Constant): its value is not a tensor of numbers");
}

TEST_CASE("import: layers that read only constants are computed on first use") {
  OnnxModel model;
  model.input("x", {2}).output("y", {2});
  model.floats("v", {2}, {1, 2});
  model.floats("w", {2}, {10, 20});
  model.node("Add", {"v", "w"}, {"sum"}, "folded");
  model.node("Mul", {"sum", "sum"}, {"square"}, "folded, too");
  model.node("Add", {"x", "square"}, {"y"}, "add");
  const Graph graph = model.import();
  CHECK(layer_names(graph) == std::vector<std::string>{"add"});
  CHECK(graph.tensor_count() == 3);  // The tensors are x, square and y.
  const TensorNode& square = graph.tensor(*graph.find_tensor("square"));
  REQUIRE(square.is_parameter());
  CHECK(!square.parameter->made());
  CHECK(result(graph, ops::floats({2}, {0, 0})) == std::vector<float>{121, 484});
}

TEST_CASE("import: a shape that is computed from constants is known") {
  OnnxModel model;
  model.input("x", {2, 6}).output("y", {3, 4});
  model.integers("a", {3});
  model.integers("b", {-1});
  model.node("Concat", {"a", "b"}, {"shape"}).add_attribute()->set_name("axis");
  model.graph().mutable_node(0)->mutable_attribute(0)->set_type(::onnx::AttributeProto::INT);
  model.graph().mutable_node(0)->mutable_attribute(0)->set_i(0);
  model.node("Reshape", {"x", "shape"}, {"y"}, "reshape");
  const Graph graph = model.import();
  CHECK(layer_names(graph) == std::vector<std::string>{"reshape"});
  CHECK(graph.tensor(graph.outputs().front()).type.shape == Shape{3, 4});
}

TEST_CASE("import: the shape of a tensor is a constant, and so are layers computed from it") {
  // Exporters write x.view(-1, x.size(0)) like this. The batch of the input is bound.
  OnnxModel model(15);
  model.input("x", {"N", 2, 3}).output("y", {{}, {}});
  model.integers("rest", {-1});
  OnnxModel::attribute(model.node("Shape", {"x"}, {"batch"}), "end", ::onnx::AttributeProto::INT)
      .set_i(-2);
  OnnxModel::attribute(model.node("Concat", {"rest", "batch"}, {"shape"}), "axis",
                       ::onnx::AttributeProto::INT)
      .set_i(0);
  model.node("Reshape", {"x", "shape"}, {"y"}, "reshape");
  const Graph graph = model.import({.bind = {{"N", 5}}});
  CHECK(layer_names(graph) == std::vector<std::string>{"reshape"});
  CHECK(graph.tensor(graph.outputs().front()).type.shape == Shape{6, 5});
}

TEST_CASE("import: parts of a shape") {
  const auto part = [](std::optional<int> start, std::optional<int> end) {
    OnnxModel model(15);
    model.input("x", {2, 3, 5}).output("y", {{}, {}, {}});
    ::onnx::NodeProto& node = model.node("Shape", {"x"}, {"part"});
    for (const auto& [name, value] : {std::pair("start", start), std::pair("end", end)}) {
      if (value) {
        OnnxModel::attribute(node, name, ::onnx::AttributeProto::INT).set_i(*value);
      }
    }
    model.node("Add", {"i", "part"}, {"y"});
    model.graph().mutable_output(0)->mutable_type()->mutable_tensor_type()->clear_shape();
    model.graph().mutable_output(0)->mutable_type()->mutable_tensor_type()->set_elem_type(
        ::onnx::TensorProto::INT64);
    model.input("i", {1}, ::onnx::TensorProto::INT64);
    const Graph graph = model.import();
    const Tensor& value = graph.tensor(*graph.find_tensor("part")).parameter->value();
    return std::vector<std::int64_t>(value.values<std::int64_t>().begin(),
                                     value.values<std::int64_t>().end());
  };
  using Extents = std::vector<std::int64_t>;
  CHECK(part({}, {}) == Extents{2, 3, 5});
  CHECK(part(1, {}) == Extents{3, 5});
  CHECK(part({}, -1) == Extents{2, 3});
  CHECK(part(-2, 2) == Extents{3});
  CHECK(part(-9, 9) == Extents{2, 3, 5});
  CHECK(part(2, 1) == Extents{});
}

TEST_CASE("import: a layer on constants that makes an output stays") {
  OnnxModel model = relu({2});
  model.output("c", {2});
  model.floats("w", {2}, {-1, 1});
  model.node("Relu", {"w"}, {"c"}, "constant");
  const Graph graph = model.import();
  CHECK(layer_names(graph) == std::vector<std::string>{"act", "constant"});
  const exec::TensorMap outputs =
      exec::run(graph, exec::whole(graph), {{graph.inputs().front(), ops::floats({2}, {-2, 2})}});
  CHECK(ops::values(outputs.at(*graph.find_tensor("c"))) == std::vector<float>{0, 1});
}

TEST_CASE("import: an unused output is dropped unless it changes the meaning") {
  OnnxModel dropout(7);
  dropout.input("x", {2}).output("y", {2});
  dropout.node("Dropout", {"x"}, {"y", "mask"}, "drop");
  CHECK(dropout.import().layer(0).outputs.size() == 1);
  OnnxModel training(9);
  training.input("x", {1, 1, 2}).output("y", {1, 1, 2});
  for (const char* name : {"scale", "bias", "mean", "variance"}) {
    training.floats(name, {1}, {1});
  }
  training.node("BatchNormalization", {"x", "scale", "bias", "mean", "variance"},
                {"y", "m", "v", "sm", "sv"}, "norm");
  CHECK(training.refusal() ==
        "layer 'norm' (BatchNormalization): 5 outputs are requested, 1 are supported");
}

TEST_CASE("import: an omitted optional input in the middle") {
  OnnxModel model;
  model.input("x", {3}).output("y", {3});
  model.floats("high", {}, {2});
  model.node("Clip", {"x", "", "high"}, {"y"}, "clip");
  const Graph graph = model.import();
  CHECK(graph.layer(0).inputs[1] == kAbsent);
  CHECK(result(graph, ops::floats({3}, {-5, 0.5, 5})) == std::vector<float>{-5, 0.5, 2});
}

TEST_CASE("import: the graph outlives the file's bytes") {
  OnnxModel model;
  model.input("x", {2}).output("y", {2});
  model.floats("w", {2}, {10, 20});
  model.node("Add", {"x", "w"}, {"y"});
  std::string bytes = model.proto.SerializeAsString();
  const Graph graph = import_onnx_bytes(bytes, "m.onnx", all_operators());
  bytes.assign(bytes.size(), '\0');
  CHECK(result(graph, ops::floats({2}, {1, 2})) == std::vector<float>{11, 22});
}

}  // namespace offcut::onnx::import_test
