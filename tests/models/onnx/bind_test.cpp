#include "models/onnx/bind.h"

#include <doctest/doctest.h>

#include "tests/models/onnx/model.h"

namespace offcut::onnx::bind_test {
namespace {

Shape input_shape(const Graph& graph) { return graph.tensor(graph.inputs().front()).type.shape; }

/// Returns the wire type of an input with these dimensions.
DataType wire_of(const OnnxModel::Dims& dims) {
  const Graph graph = relu(dims).import();
  return graph.wire_type(graph.inputs().front());
}

}  // namespace

TEST_CASE("bind: the batch is 1, with or without a name, unless it is bound") {
  CHECK(input_shape(relu({"N", 4}).import()) == Shape{1, 4});
  CHECK(input_shape(relu({{}, 4}).import()) == Shape{1, 4});
  CHECK(input_shape(relu({"", 4}).import()) == Shape{1, 4});
  CHECK(input_shape(relu({8, 4}).import()) == Shape{8, 4});
  CHECK(input_shape(relu({"N", 4}).import({.bind = {{"N", 3}}})) == Shape{3, 4});
  CHECK(input_shape(relu({}).import()) == Shape{});
}

TEST_CASE("bind: other dimensions must be bound by name") {
  CHECK(input_shape(relu({"N", "seq"}).import({.bind = {{"seq", 128}}})) == Shape{1, 128});
  CHECK(relu({"N", "seq"}).refusal() ==
        "input 'x': dimension 1 is 'seq', which has no extent; bind it, as in seq=128");
  CHECK(relu({"N", 2, {}}).refusal() ==
        "input 'x': dimension 2 has no extent; bind it, as in x:2=128");
  // All errors are reported at once.
  CHECK(relu({"N", "h", "w"}).refusal() ==
        "input 'x': dimension 1 is 'h', which has no extent; bind it, as in h=128\n"
        "input 'x': dimension 2 is 'w', which has no extent; bind it, as in w=128");
}

TEST_CASE("bind: dimensions without a name, or of extent -1, are bound by their place") {
  CHECK(input_shape(relu({"N", 2, {}}).import({.bind = {{"x:2", 64}}})) == Shape{1, 2, 64});
  CHECK(input_shape(relu({-1, 4}).import()) == Shape{1, 4});
  CHECK(input_shape(relu({-1, -1}).import({.bind = {{"x:0", 3}, {"x:1", 5}}})) == Shape{3, 5});
  CHECK(relu({-1, -1}).refusal() == "input 'x': dimension 1 has no extent; bind it, as in x:1=128");
  CHECK(relu({"N", "seq"}).refusal({.bind = {{"x:1", 4}, {"seq", 4}}}) ==
        "no input has a dimension 'x:1' to bind; valid: N, seq");
}

TEST_CASE("bind: the batch that is not bound may be another one than 1") {
  CHECK(input_shape(relu({"N", 4}).import({.batch = 2})) == Shape{2, 4});
  CHECK(input_shape(relu({"N", 4}).import({.bind = {{"N", 3}}, .batch = 2})) == Shape{3, 4});
  CHECK(input_shape(relu({5, 4}).import({.batch = 2})) == Shape{5, 4});
}

TEST_CASE("bind: all dimensions with the batch's name have its extent") {
  OnnxModel model;
  model.input("a", {"N", 2}).input("b", {2, "N"}).output("c", {"N", "N"});
  model.node("MatMul", {"a", "b"}, {"c"});
  const Graph graph = model.import();
  CHECK(graph.tensor(graph.outputs().front()).type.shape == Shape{1, 1});
  CHECK(model.import({.bind = {{"N", 5}}}).tensor(1).type.shape == Shape{2, 5});
}

TEST_CASE("bind: bindings of unknown names or to invalid extents are refused") {
  CHECK(relu({"N", "seq"}).refusal({.bind = {{"seq", 4}, {"sek", 4}}}) ==
        "no input has a dimension 'sek' to bind; did you mean 'seq'?");
  CHECK(relu({2}).refusal({.bind = {{"seq", 4}}}) == "no input has a dimension 'seq' to bind");
  CHECK(relu({"N", "seq"}).refusal({.bind = {{"seq", 0}}}) ==
        "dimension 'seq' is bound to 0; expected at least 1");
}

TEST_CASE("bind: inputs that are not tensors, or have no shape, are refused") {
  OnnxModel shapeless = relu({2});
  shapeless.graph().mutable_input(0)->mutable_type()->mutable_tensor_type()->clear_shape();
  CHECK(shapeless.refusal() == "input 'x': the model does not give its shape");
  OnnxModel untyped = relu({2});
  untyped.graph().mutable_input(0)->clear_type();
  CHECK(untyped.refusal() == "input 'x': is not a tensor");
  OnnxModel text;
  text.input("x", {2}, ::onnx::TensorProto::STRING).output("y", {2}, ::onnx::TensorProto::STRING);
  text.node("Relu", {"x"}, {"y"});
  CHECK(text.refusal() == "input 'x': elements of type string are not supported");
}

TEST_CASE("bind: an input that looks like an image crosses a cut as bytes") {
  CHECK(wire_of({"N", 3, 4, 4}) == DataType::uint8);
  CHECK(wire_of({1, 1, 4, 4}) == DataType::uint8);
  CHECK(wire_of({1, 2, 4, 4}) == DataType::float32);
  CHECK(wire_of({1, 3, 4}) == DataType::float32);
}

}  // namespace offcut::onnx::bind_test
