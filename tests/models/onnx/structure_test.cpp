// Models that parse but are invalid: each is refused with a message that names the error.

#include "models/onnx/structure.h"

#include <doctest/doctest.h>

#include "tests/models/onnx/model.h"

namespace offcut::onnx::structure_test {

TEST_CASE("structure: opsets from 1 to 26 are supported") {
  for (const int opset : {7, 13, 17, 18, 19, 20, 21, 22, 23, 26}) {
    CHECK(relu({2}, opset).import().layer(0).opset == opset);
  }
  for (const int opset : {1, 6}) {
    CHECK(relu({2}, opset).import().layer(0).opset == 7);
  }
  CHECK(relu({2}, 0).refusal() == "opset 0 is not supported; expected 1 to 26");
  CHECK(relu({2}, 27).refusal() == "opset 27 is not supported; expected 1 to 26");
}

TEST_CASE("structure: an unknown opset does not hide other errors") {
  OnnxModel model = relu({"N", "width"}, 27);
  model.graph().mutable_node(0)->set_op_type("NoSuchOperator");
  CHECK(model.refusal() ==
        "opset 27 is not supported; expected 1 to 26\n"
        "operator 'NoSuchOperator' is not supported (1 layer, named 'act')\n"
        "input 'x': dimension 1 is 'width', which has no extent; bind it, as in width=128");
}

TEST_CASE("structure: a model that does not import ONNX's own operators") {
  OnnxModel none = relu({2});
  none.proto.clear_opset_import();
  CHECK(none.import().layer(0).opset == 26);
  none.proto.set_ir_version(2);  // From before there were operator sets.
  CHECK(none.import().layer(0).opset == 7);
  none.proto.add_opset_import()->set_domain("ai.onnx.ml");
  CHECK(none.import().layer(0).opset == 26);
  none.proto.add_opset_import()->set_domain("ai.onnx");
  none.proto.mutable_opset_import(1)->set_version(11);
  CHECK(none.import().layer(0).opset == 11);
}

TEST_CASE("structure: a file format newer than our ONNX library is read") {
  OnnxModel model = relu({2});
  model.proto.set_ir_version(10);
  CHECK(model.import().layer_count() == 1);
}

TEST_CASE("structure: no graph name, no layer names") {
  OnnxModel model = relu({2});
  model.graph().clear_name();
  model.graph().mutable_node(0)->clear_name();
  CHECK(model.import().layer(0).name == "relu_1");
}

TEST_CASE("structure: missing names are generated, and all names are made unique") {
  OnnxModel model;
  model.input("x", {2}).output("e", {2});
  model.node("Relu", {"x"}, {"a"}, "relu_1");
  model.node("Relu", {"a"}, {"b"});
  model.node("Tanh", {"b"}, {"c"}, "relu_1");
  model.node("Relu", {"c"}, {"d"}, "relu_3");
  model.node("Relu", {"d"}, {"e"});
  const Graph graph = model.import();
  std::vector<std::string> names;
  for (LayerId id = 0; id < graph.layer_count(); ++id) {
    names.push_back(graph.layer(id).name);
  }
  CHECK(names == std::vector<std::string>{"relu_1", "relu_2", "relu_1_2", "relu_3", "relu_4"});
}

TEST_CASE("structure: line feeds in a name are escaped in errors") {
  OnnxModel model = relu({2});
  model.node("Tanh", {"a\nb\x1b[1m"}, {"z"}, "odd");
  CHECK(model.refusal() == "layer 'odd' (Tanh) reads 'a\\x0ab\\x1b[1m', which does not exist");
}

TEST_CASE("structure: missing outputs") {
  OnnxModel model = relu({2});
  model.graph().clear_output();
  CHECK(model.refusal() == "the model has no outputs");
  model.output("z", {2});
  CHECK(model.refusal() == "no layer makes the output 'z'");
}

TEST_CASE("structure: outputs that no layer makes") {
  OnnxModel input;
  input.input("x", {2}).output("x", {2});
  CHECK(input.refusal() == "the output 'x' is an input: no layer makes it");
}

TEST_CASE("structure: layers that are out of order, in a cycle, or read missing tensors") {
  OnnxModel unsorted;
  unsorted.input("x", {2}).output("y", {2});
  unsorted.node("Relu", {"a"}, {"y"}, "second");
  unsorted.node("Relu", {"x"}, {"a"}, "first");
  const Graph sorted = unsorted.import();
  CHECK(sorted.layer(0).name == "first");
  CHECK(sorted.layer(1).name == "second");
  OnnxModel circle;
  circle.input("x", {2}).output("y", {2});
  circle.node("Add", {"x", "b"}, {"a"}, "first");
  circle.node("Relu", {"a"}, {"b"}, "second");
  circle.node("Relu", {"b"}, {"y"}, "last");
  CHECK(circle.refusal() ==
        "layers depend on each other in a cycle: layer 'first' (Add) reads from layer 'second' "
        "(Relu) reads from layer 'first' (Add)");
  OnnxModel itself;
  itself.input("x", {2}).output("y", {2});
  itself.node("Add", {"x", "y"}, {"y"}, "loop");
  CHECK(itself.refusal() ==
        "layers depend on each other in a cycle: layer 'loop' (Add) reads from layer 'loop' "
        "(Add)");
  OnnxModel missing;
  missing.input("x", {2}).output("y", {2});
  missing.node("Add", {"x", "w"}, {"y"}, "sum");
  CHECK(missing.refusal() == "layer 'sum' (Add) reads 'w', which does not exist");
}

TEST_CASE("structure: tensors that are made twice or have no name") {
  OnnxModel twice = relu({2});
  twice.node("Tanh", {"x"}, {"y"}, "again");
  CHECK(twice.refusal() == "layer 'again' (Tanh) makes 'y', which already exists");
  OnnxModel input = relu({2});
  input.node("Tanh", {"y"}, {"x"}, "back");
  CHECK(input.refusal() == "layer 'back' (Tanh) makes 'x', which already exists");
  OnnxModel inputs = relu({2});
  inputs.input("x", {2});
  CHECK(inputs.refusal() == "two inputs are named 'x'");
  OnnxModel weights = relu({2});
  weights.floats("w", {1}, {1});
  weights.floats("w", {1}, {2});
  CHECK(weights.refusal() == "two initialisers are named 'w'");
  OnnxModel nameless = relu({2});
  nameless.floats("", {1}, {1});
  CHECK(nameless.refusal() == "an initialiser has no name");
  OnnxModel empty = relu({2});
  empty.input("", {2});
  CHECK(empty.refusal() == "an input has no name");
}

TEST_CASE("structure: all missing operators are reported at once, with their first layers") {
  OnnxModel model;
  model.input("x", {2}).output("y", {2});
  model.node("RELU", {"x"}, {"a"}, "typo");
  model.node("Bernoulli", {"a"}, {"b"}, "memory");
  model.node("Bernoulli", {"b"}, {"c"});
  model.node("Celo", {"c"}, {"y"}, "act").set_domain("com.example");
  CHECK(model.refusal() ==
        "operator 'Bernoulli' is not supported (2 layers, the first named 'memory')\n"
        "operator 'RELU' is not supported (1 layer, named 'typo'); did you mean 'Relu'?\n"
        "operator 'Celo' of domain 'com.example' is not supported (1 layer, named 'act')");
}

TEST_CASE("structure: control flow that depends on the inputs is refused by name") {
  OnnxModel model;
  model.input("x", {2}).input("c", {}, ::onnx::TensorProto::BOOL).output("y", {2});
  auto& node = model.node("If", {"c"}, {"y"}, "choice");
  for (const char* branch : {"then_branch", "else_branch"}) {
    auto& graph = *OnnxModel::attribute(node, branch, ::onnx::AttributeProto::GRAPH).mutable_g();
    graph.set_name(branch);
    graph.add_output()->set_name("x");
  }
  CHECK(model.refusal().starts_with("layer 'choice' (If): the condition, 'c', depends on"));
}

TEST_CASE("structure: layers that lead to no output are not checked") {
  OnnxModel model = relu({2});
  model.input("unread", {"a", "b"});
  model.floats("unread weights", {7}, {1});
  model.node("NoSuchOperator", {"unread"}, {"z"});
  const Graph graph = model.import();
  CHECK(graph.layer_count() == 1);
  CHECK(graph.tensor_count() == 2);
  CHECK(graph.inputs().size() == 1);
}

TEST_CASE("structure: sparse weights") {
  OnnxModel sparse = relu({2});
  sparse.graph().add_sparse_initializer();
  CHECK(sparse.refusal() == "sparse initialisers are not supported");
}

TEST_CASE("structure: weights that cannot be decoded") {
  OnnxModel model;
  model.input("x", {2}).output("y", {2});
  model.node("Add", {"x", "w"}, {"y"}, "sum");
  ::onnx::TensorProto& weights = model.floats("w", {2}, {1, 2});
  weights.set_dims(0, -2);
  CHECK(model.refusal() == "initialiser 'w': a tensor of shape -2 has no valid size");
  weights.set_dims(0, 2);
  weights.clear_float_data();
  weights.set_raw_data("1234");
  CHECK(model.refusal() == "initialiser 'w': float32 2 takes 8 bytes, the file has 4");
  weights.clear_raw_data();
  weights.set_data_location(::onnx::TensorProto::EXTERNAL);
  CHECK(model.refusal() ==
        "initialiser 'w': its data is in another file, but the model itself is not a file");
  OnnxModel constant;
  constant.input("x", {2}).output("y", {2});
  ::onnx::NodeProto& node = constant.constant("w", {3}, {1, 2});
  node.set_name("weights");
  constant.node("Add", {"x", "w"}, {"y"}, "sum");
  CHECK(constant.refusal() ==
        "layer 'weights' (Constant): attribute 'value': float32 3 has 3 elements, the file has 2");
}

}  // namespace offcut::onnx::structure_test
